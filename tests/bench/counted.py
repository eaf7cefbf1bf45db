"""Runs Hilum and counts the calls of its functions: ``counted.py FILE serve ...``; SIGUSR1 writes the counts to FILE.

The package ``gateway`` is taken from the working directory, which may be another version's. Calls are counted in all
threads: of Python functions (each step of a coroutine or generator is one), and of built-in functions.
"""

import json
import runpy
import signal
import sys
import threading
from itertools import count
from pathlib import Path
from types import FrameType

PYTHON, BUILT_IN = "Python calls", "built-in calls"


def count_calls(path: Path) -> None:
    """Count from now on; a SIGUSR1 writes what was counted so far to *path*, as JSON in one step."""
    python, built_in = count(), count()

    def profile(_: FrameType, event: str, __: object) -> None:
        if event == "call":
            next(python)
        elif event == "c_call":
            next(built_in)

    def tell(*_: object) -> None:
        # Reading a count takes one of it, as does each earlier reading.
        new = path.with_suffix(".new")
        new.write_text(json.dumps({PYTHON: next(python), BUILT_IN: next(built_in)}))
        new.rename(path)

    signal.signal(signal.SIGUSR1, tell)
    threading.setprofile(profile)
    sys.setprofile(profile)


if __name__ == "__main__":
    sys.path[0] = str(Path.cwd())
    path = Path(sys.argv.pop(1))
    count_calls(path)
    runpy.run_module("gateway", run_name="__main__", alter_sys=True)
