"""What peers may hold of the process: memory, descriptors, messages a second."""
