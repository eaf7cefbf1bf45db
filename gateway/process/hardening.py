"""Hardens the process at its start: no core dumps, no tracing, no files that other users may read."""

import ctypes
import os
import resource
import sys

OWNER_ONLY = 0o077
"""The umask: files that this process creates are accessible to their owner only."""
PR_SET_DUMPABLE = 4  # prctl(2)


def harden_process() -> None:
    """Disable core dumps, and keep other processes of the same user from reading this one's memory (Linux)."""
    os.umask(OWNER_ONLY)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # A core_pattern that is a pipe ignores RLIMIT_CORE. A process that is not dumpable is not dumped there either.
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
