"""dciodvfy of David Clunie's dicom3tools is the judge: what was valid before is valid afterwards, in most files.

An error counts if no error like it was in the file before. Its values and numbers are left out of the comparison; the
names of the attribute and the module count. The file before may be one that dciodvfy cannot read as a whole (deflated,
or with elements of unknown representation), so that errors of the original are found in the new file only.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Set
from pathlib import Path

import pytest

from tests.adapters.deidentify.judge.real_files import files
from tests.adapters.deidentify.judge.test_real_files import result

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::UserWarning:pydicom"),
    pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy is not installed: make peers"),
]
MOST = 0.03
"""The share of files that may have a new error."""
VALUE = re.compile(r"(?<!Element=)(?<!Module=)<[^>]*>|\d+(?:\.\d+)*")
OPTIONS = {
    "basic": (),
    "dates, reports": ("retain_longitudinal_modified_dates", "clean_structured_content"),
    "most": (
        "retain_longitudinal_modified_dates",
        "retain_device_identity",
        "retain_safe_private",
        "clean_structured_content",
        "clean_descriptors",
        "clean_graphics",
    ),
}


def errors(path: Path) -> Set[str]:
    """Return the errors that dciodvfy finds, without values."""
    found = subprocess.run(["dciodvfy", path], capture_output=True, check=False, timeout=300)
    lines = (found.stdout + found.stderr).decode("latin-1").splitlines()
    return {VALUE.sub("_", line) for line in lines if line.startswith("Error")}


def new_errors(folder: Path, *options: str) -> Iterator[tuple[str, Set[str]]]:
    """Yield the name of each file that is not held back, and its new errors."""
    for name, path in sorted(files().items()):
        out = result(name, *options)
        if out is not None:
            changed = folder / name
            changed.write_bytes(out)
            yield name, errors(changed) - errors(path)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_no_new_errors(options: tuple[str, ...], tmp_path: Path) -> None:
    """At most three files of a hundred have an error that they did not have."""
    found = dict(new_errors(tmp_path, *options))
    worse = {name: sorted(new) for name, new in found.items() if new}
    assert len(found) > 50
    assert len(worse) <= MOST * len(found), worse
