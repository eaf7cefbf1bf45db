"""What garbage collection leaves out."""

import subprocess
import sys


def test_freeze() -> None:
    """What was imported before is frozen; what comes later is collected as ever."""
    code = """
import gc, weakref
import gateway.app
from gateway.process.memory import freeze_what_stays

class Cycle:
    def __init__(self):
        self.itself = self

freeze_what_stays()
assert gc.get_freeze_count() > 50_000
assert not any(each is gateway.app.__dict__ for each in gc.get_objects())
later = weakref.ref(Cycle())
gc.collect()
assert later() is None
"""
    subprocess.run([sys.executable, "-c", code], check=True)
