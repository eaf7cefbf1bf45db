"""A process for images lets nothing out, and ends itself in time."""

import os
import signal
import subprocess
import sys

CHILD = "import os, warnings\nfrom adapters.isolation.child import *\n"


def ran(code: str) -> "subprocess.CompletedProcess[bytes]":
    """Run *code* in an interpreter of its own."""
    return subprocess.run([sys.executable, "-c", CHILD + code], capture_output=True, check=False, timeout=60)


def test_silence() -> None:
    """Neither Python nor a library of C can print into the log of who has started the process."""
    done = ran("silence(); print('ROE'); os.write(2, b'ROE'); warnings.warn('ROE'); raise SystemExit('ROE')")
    assert (done.stdout, done.stderr) == (b"", b"")


PREPARED = """
out = os.dup(1)
prepare()
print("ROE")
ignored = {signal.getsignal(each) for each in (signal.SIGINT, signal.SIGHUP)} == {signal.SIG_IGN}
dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) if sys.platform == "linux" else 0  # PR_GET_DUMPABLE
os.write(out, repr((ignored, resource.getrlimit(resource.RLIMIT_CORE)[0], dumpable)).encode())
"""


def test_prepared() -> None:
    """What a terminal sends is left to the other process, a crash leaves no memory of an image, nothing is printed."""
    done = ran(PREPARED)
    assert (done.stdout, done.stderr) == (b"(True, 0, 0)", b"")


HANGING = "lock = __import__('threading').Lock(); lock.acquire(); lock.acquire()"


def test_limit() -> None:
    """What takes too long ends, though it does not run any Python; a new limit takes the place of the old one."""
    assert -signal.SIGALRM == ran("prepare(); limit(60); limit(0.1); " + HANGING).returncode


def test_no_limit() -> None:
    """A limit of 0 ends nothing."""
    assert 0 == ran("limit(60); limit(0); assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)").returncode


def test_inherited_signals() -> None:
    """A signal that the other process has blocked or ignored ends this one nevertheless."""
    code = CHILD + "prepare(); limit(0.1); " + HANGING
    outer = (
        "import os, signal, sys; signal.signal(signal.SIGALRM, signal.SIG_IGN);"
        " signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM});"
        " os.execv(sys.executable, [sys.executable, '-c', sys.argv[1]])"
    )
    done = subprocess.run([sys.executable, "-c", outer, code], check=False, timeout=60, env=dict(os.environ))
    assert -signal.SIGALRM == done.returncode
