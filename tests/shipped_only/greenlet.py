"""Stands before greenlet on PYTHONPATH: only the tests need it, and structlog loads it where it is installed."""

raise ImportError("hidden: an installation does not have it")
