"""Limits on what peers may use of the process: memory, file descriptors, messages per second."""
