"""Stands before uvloop on PYTHONPATH, for programs that shall run as on a platform for which it has no wheel."""

raise ImportError("hidden by --loop asyncio")
