"""Row 14: de-identification of DICOM headers in one process: files per second of processor time, against other tools.

Hilum does more: it searches every value that it keeps, and every compressed frame, for the identifiers of the object.
Each peer is compared over the files that both can do.
"""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from adapters.deidentify.dicom.file import FileDeidentifier
from adapters.deidentify.dicom.transform import DicomTransformer
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.pseudonyms.key import Key
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms
from adapters.deidentify.settings import DicomProfile
from adapters.dicom.encoding import Malformed
from tests.adapters.deidentify.judge.engine import EveryIssuer
from tests.adapters.deidentify.judge.real_files import files
from tests.bench.measure import HILUM, BenchError, Case, Goal, Sample
from tests.bench.processes import BUILD
from tests.bench.setup import Setup

ROW = 14
PEERS = "dicognito", "deid", "dicom-anonymizer"
PYTHON = BUILD.parent / "deidentifiers" / "bin" / "python"
SCRIPT = Path(__file__).parent / "deidentifiers" / "peer.py"
AT_LEAST = 5.0
RUNS = 3
MIB = 1024 * 1024
Seconds = Mapping[str, float]


def ours(paths: Sequence[str]) -> Seconds:
    """Return the processor seconds of each file that Hilum does not hold back."""
    profile = DicomProfile.model_validate({"pixels": "keep"})
    transformer = DicomTransformer(profile, KeyedPseudonyms(Key(bytes(32))), EveryIssuer())
    seconds = {}
    for path in paths:
        octets = Path(path).read_bytes()
        try:
            seconds[path] = min(_measured(transformer, octets) for _ in range(RUNS))
        except (HeldBackError, Malformed):
            continue
    return seconds


def _measured(transformer: DicomTransformer, octets: bytes) -> float:
    began = time.process_time()
    engine = FileDeidentifier(transformer, Manifest("", "key"))
    b"".join([*engine.receive_data(octets), *engine.receive_end()])
    return time.process_time() - began


def theirs(peer: str, paths: Sequence[str]) -> Seconds:
    """Return the same of a peer, which runs in an environment of its own."""
    done = subprocess.run(
        [PYTHON, SCRIPT, peer], input="\n".join(paths), capture_output=True, text=True, check=False, timeout=1800
    )
    if done.returncode:
        raise BenchError(f"{peer} has failed")
    found: Seconds = json.loads(done.stdout)
    return found


def rate(measure: Callable[[Sequence[str]], Seconds], paths: Sequence[str]) -> Sample:
    """Return the files per second, and the megabytes."""
    seconds = measure(paths)
    if len(seconds) != len(paths):
        raise BenchError("a file could be done before and cannot be done now")
    size, total = sum(Path(each).stat().st_size for each in paths), sum(seconds.values())
    return Sample(len(paths) / total, {"MB/s": size / 1e6 / total})


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
        contenders = {HILUM: partial(rate, ours, common), peer: partial(rate, partial(theirs, peer), common)}
        name = f"DICOM headers, {len(common)} files that both can do"
        cases.append(Case(ROW, name, "files a second a core", contenders, [Goal(peer, at_least=AT_LEAST)]))
    yield cases
