"""One connection of an MLLP listener: its socket, timers and answers around the sans-IO core."""
