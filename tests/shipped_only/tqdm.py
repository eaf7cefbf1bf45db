"""Stands before tqdm on PYTHONPATH: only the tests need it, and pydicom loads it where it is installed."""

raise ImportError("hidden: an installation does not have it")
