"""The journal: what became of every message, on disk, without payload and without patients."""
