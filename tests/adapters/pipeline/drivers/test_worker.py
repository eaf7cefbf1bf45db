"""What a worker and its decoders print goes nowhere."""

import subprocess
import sys


def test_silence() -> None:
    """Neither Python nor a library of C can print into the log of who has started the run."""
    code = (
        "import os, warnings; from adapters.pipeline.drivers.worker import silence; silence();"
        " print('ROE'); os.write(2, b'ROE'); warnings.warn('ROE'); raise SystemExit('ROE')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"", b"")
