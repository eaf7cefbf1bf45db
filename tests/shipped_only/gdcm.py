"""Stands before gdcm on PYTHONPATH: the extra `ocr` brings it, and pydicom loads it where it is installed."""

raise ImportError("hidden: an installation does not have it")
