"""One association of a DIMSE listener: its socket, timers and deliveries around the sans-IO core."""
