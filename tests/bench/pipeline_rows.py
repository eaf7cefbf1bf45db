"""Row 20: the research pipeline: instances a second of processor time by stage; what 1,000 cost, beside Beam."""

import json
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

from adapters.deidentify.engines import Engines, open_engines
from adapters.pipeline.contract import Made, Reference
from adapters.pipeline.stages.deidentify import Picture, public
from adapters.pipeline.stages.headers import headers
from adapters.pipeline.thumbnails.making import thumbnail
from adapters.tables.dicom.quiet import quiet
from tests.bench.measure import HILUM, BenchError, Case, Sample
from tests.bench.pipeline_alone import BEAM, LOCAL
from tests.bench.pipeline_work import SEARCH, ct, filled, work
from tests.bench.processes import BUILD, ROOT, script
from tests.bench.setup import Setup

ROW = 20
PEER = "Beam, DirectRunner"
MISSING = "not installed: make test-beam"
SECONDS, COUNT = 2.0, 200
PYTHONS = (Path(sys.executable), *(ROOT / "build" / name / "bin" / "python" for name in ("beam-tests", "beam")))
"""The interpreters that may have Beam."""
NEEDED = ("apache_beam", "duckdb", "msgspec", "pydantic", "pydicom", "PIL")
# What an environment with nothing but Beam lacks is taken from this one, behind its own.
BEFORE = f"import sys; sys.path.append({sysconfig.get_path('purelib')!r})\n"
PROBE = f"{BEFORE}from importlib.util import find_spec\nsys.exit(not all(map(find_spec, {NEEDED!r})))"
RUN = f"{BEFORE}import runpy; runpy.run_module('tests.bench.pipeline_alone', run_name='__main__', alter_sys=True)"
NAMES = ("Modality", "BodyPartExamined")


@dataclass(frozen=True, slots=True)
class NoPicture:
    """What is made instead of a thumbnail where that is not what is measured."""

    octets: bytes = b""
    reason: str = "it is not drawn"


def nothing(_: bytes) -> Picture:
    """Draw nothing."""
    return NoPicture()


def rate(make: Callable[[], Made | Picture], seconds: float) -> Sample:
    """Return instances a second of processor time."""
    with quiet():
        _sure(make())  # what is loaded at the first time
        count, begin = 0, time.process_time()
        while (passed := time.process_time() - begin) < seconds:
            make()
            count += 1
    return Sample(count / passed, {"CPU s per 1,000": 1000 * passed / count})


def _sure(made: Made | Picture) -> None:
    if made.dead if isinstance(made, Made) else not made.octets:
        raise BenchError("the instance gave no row or no thumbnail")


def of_stages(root: Path, seconds: float) -> Iterator[Case]:
    """Yield the cases of single stages."""
    octets = ct(0)
    reference = Reference("north", "0.dcm", "1", len(octets))

    def cleaned(engines: Engines, draw: Callable[[bytes], Picture] = nothing) -> Made:
        return public(reference, octets, engines, NAMES, draw)

    plain = work(root, "plain")
    stages: dict[str, Callable[[], Made | Picture]] = {
        "tags: the row of dicom_metadata": partial(headers, reference, octets),
        "tags: the de-identified row, pixels as they are": partial(cleaned, open_engines(plain.step, plain.domains)),
        "thumbnails": partial(thumbnail, octets),
    }
    if find_spec("rapidocr_onnxruntime") is not None:
        search = work(root, "search", SEARCH)
        name = "pixels with OCR: the de-identified row, text is searched for"
        stages[name] = partial(cleaned, open_engines(search.step, search.domains))
    for name, make in stages.items():
        text = f"pipeline, CT of 512 by 512, {name}"
        yield Case(ROW, text, "instances a second a core", {HILUM: partial(rate, make, seconds)})


@cache
def beam_python() -> Path | None:
    """Return an interpreter that has Beam and what the stages need."""
    for each in PYTHONS:
        if each.exists() and subprocess.run([each, "-c", PROBE], capture_output=True, check=False).returncode == 0:
            return each
    return None


def driven(command: Sequence[str], driver: str, root: Path) -> Sample:
    """Return instances a second of processor time by one driver, and what 1,000 cost."""
    run = subprocess.run([*command, driver, str(root)], cwd=ROOT, capture_output=True, check=False)
    if run.returncode:
        raise BenchError(f"the driver {driver} has failed: {run.stderr.decode()[-300:]}")
    found = json.loads(run.stdout.splitlines()[-1])
    thousands = found["instances"] / 1000
    return Sample(
        found["instances"] / found["CPU s"],
        {
            "CPU s per 1,000": found["CPU s"] / thousands,
            "MB read per 1,000": found["octets"] / 1e6 / thousands,
            "requests per 1,000": found["requests"] / thousands,
        },
    )


def of_drivers(root: Path, count: int) -> Iterator[Case]:
    """Yield the case of all stages by both drivers, which call the same functions."""
    filled(root, count)
    python = beam_python()
    contenders = {HILUM: partial(driven, script("pipeline_alone"), LOCAL, root)}
    if python is not None:
        contenders[PEER] = partial(driven, [str(python), "-c", RUN], BEAM, root)
    name = f"pipeline, {count} CT of 512 by 512 in a bucket, all stages without OCR"
    skipped = {} if python is not None else {PEER: MISSING}
    yield Case(ROW, name, "instances a second a core", contenders, skipped=skipped)


@contextmanager
def pipeline(setup: Setup) -> Iterator[Sequence[Case]]:
    """Yield the cases of this row; none without the extra ``pipeline``."""
    if any(find_spec(each) is None for each in ("duckdb", "PIL", "gdcm")):
        yield []
        return
    root = BUILD / "pipeline"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    cases = [*of_stages(root, SECONDS * setup.scale), *of_drivers(root, setup.count(COUNT, least=8))]
    yield cases
    shutil.rmtree(root, ignore_errors=True)
