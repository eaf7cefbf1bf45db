"""What the daemon gives up at its start: core dumps, being traced, files that others may read."""

import ctypes
import os
import resource
import sys

OWNER_ONLY = 0o077
"""The umask: what is made here is for its owner alone."""
PR_SET_DUMPABLE = 4  # prctl(2)


def harden_process() -> None:
    """Leave no memory behind in a core dump, and let no other process of the same user read it (Linux)."""
    os.umask(OWNER_ONLY)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # A core_pattern that is a pipe ignores the limit; what is not dumpable is not dumped there either.
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
