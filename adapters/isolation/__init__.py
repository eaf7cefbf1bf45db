"""Work in a process of its own, which is replaced when it ends or hangs."""
