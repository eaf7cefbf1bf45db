"""What the daemon and the adapters agree on. It imports nothing else of Hilum."""
