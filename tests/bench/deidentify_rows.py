"""Row 14: de-identification of DICOM headers in one process: files per second of processor time, against other tools.

Hilum does more: it searches every value that it keeps, and every compressed frame, for the identifiers of the object.
Each peer is compared over the files that both can do.
"""

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pydicom
from pydicom.data import get_testdata_file
from pydicom.uid import UID

from tests.adapters.deidentify.judge.real_files import files
from tests.bench.measure import HILUM, BenchError, Case, Goal, Sample
from tests.bench.processes import BUILD, ROOT, script
from tests.bench.setup import Setup

ROW = 14
PEERS = "dicognito", "deid", "dicom-anonymizer"
PYTHON = BUILD.parent / "deidentifiers" / "bin" / "python"
SCRIPT = Path(__file__).parent / "deidentifiers" / "peer.py"
AT_LEAST = 5.0
SLICES = 100
ROOT_UID = "1.2.826.0.1.3680043.8.498.14"
MIB = 1024 * 1024
Seconds = Mapping[str, float]


def ours(paths: Sequence[str], *, is_series: bool = False) -> Seconds:
    """Return the processor seconds of each file that Hilum does not hold back, in a process of its own.

    Each file is the first of its kind, unless they are a series: what texts say is remembered then, as in a gateway.
    """
    return _told(script("headers_alone", *["--series"] * is_series), paths, HILUM)


def theirs(peer: str, paths: Sequence[str]) -> Seconds:
    """Return the same of a peer, which runs in an environment of its own."""
    return _told([str(PYTHON), str(SCRIPT), peer], paths, peer)


def _told(command: Sequence[str], paths: Sequence[str], name: str) -> Seconds:
    done = subprocess.run(
        command, input="\n".join(paths), capture_output=True, text=True, check=False, timeout=1800, cwd=ROOT
    )
    if done.returncode:
        raise BenchError(f"{name} has failed")
    found: Seconds = json.loads(done.stdout)
    return found


def rate(measure: Callable[[Sequence[str]], Seconds], paths: Sequence[str]) -> Sample:
    """Return the files per second, and the megabytes."""
    seconds = measure(paths)
    if len(seconds) != len(paths):
        raise BenchError("a file could be done before and cannot be done now")
    size, total = sum(Path(each).stat().st_size for each in paths), sum(seconds.values())
    return Sample(len(paths) / total, {"MB/s": size / 1e6 / total})


def series(setup: Setup) -> list[str]:
    """Make a series of a CT: instances that differ in their UIDs, numbers, times and positions."""
    folder = BUILD / "deidentify-series"
    folder.mkdir(parents=True, exist_ok=True)
    data_set = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    paths = []
    for number in range(setup.count(SLICES, least=3)):
        data_set.SOPInstanceUID = data_set.file_meta.MediaStorageSOPInstanceUID = UID(f"{ROOT_UID}.{number + 1}")
        data_set.InstanceNumber, data_set.SliceLocation = str(number + 1), f"{number * 0.625:.3f}"
        data_set.ImagePositionPatient = ["-158.135803", "-179.035797", f"{number * -0.625:.3f}"]
        data_set.ContentTime = f"{112000 + number}"
        paths.append(str(folder / f"{number}.dcm"))
        data_set.save_as(paths[-1])
    return paths


def _case(name: str, peer: str, paths: Sequence[str], *, is_series: bool) -> Case:
    mine = partial(rate, partial(ours, is_series=is_series), paths)
    contenders = {HILUM: mine, peer: partial(rate, partial(theirs, peer), paths)}
    return Case(ROW, name, "files a second a core", contenders, [Goal(peer, at_least=AT_LEAST)])


@contextmanager
def deidentify(setup: Setup) -> Iterator[list[Case]]:
    """Row 14."""
    paths = [str(each) for each in files().values()]
    paths = paths[:: max(1, round(1 / setup.scale))]
    mine = ours(paths).keys()
    if not PYTHON.exists():
        missing = dict.fromkeys(PEERS, "not installed: make deidentifiers")
        yield [
            Case(
                ROW, "DICOM headers", "files a second a core", {HILUM: partial(rate, ours, list(mine))}, skipped=missing
            )
        ]
        return
    cases = []
    for peer in PEERS:
        common = sorted(mine & theirs(peer, paths).keys())
        cases.append(_case(f"DICOM headers, {len(common)} files that both can do", peer, common, is_series=False))
        slices = series(setup)
        cases.append(_case(f"DICOM headers, a series of {len(slices)} instances", peer, slices, is_series=True))
    yield cases
