"""Whether a peer is silent for longer than usual."""
