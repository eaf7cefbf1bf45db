"""What happened to a peer, a message or a destination: pure functions from what is known to words."""
