"""The processes of the daemon: supervisor, workers, event loop, what each gives up at its start."""
