"""Whatever fails between the sides, at each function and line of the pipeline's own: it opens no way across.

The errors are raised where a run really goes: a trace function of the interpreter raises them. Afterwards the public
side holds what it held, or less than an undisturbed run puts there; and the next run ends as an undisturbed one does.
An object that was parked is tried again by ``hilum pipeline retry`` before that.
"""

import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

import adapters.pipeline
from adapters.pipeline.operating import Operating
from adapters.pipeline.work import Work
from gateway.contract.objects import ObjectError
from gateway.contract.pipeline import Parts
from tests.adapters.deidentify.faults import Place, failing, name_of, recorded
from tests.adapters.pipeline import small
from tests.adapters.pipeline.published import PLACES, Published, published

SECRET = "Zabriskie1^Quillfeather MRN-7711"
SEED = int(os.environ.get("HILUM_SEED", "25"))
FAULTS = int(os.environ.get("HILUM_FAULTS", "20"))
"""How many of the places the slow tests take, by chance; 0 for each of them (``make pipeline-faults``)."""
PARTS = 4
"""The places are shared out to so many tests, which can run at once."""
CODE = str(Path(str(adapters.pipeline.__path__[0])))
OTHERS = tuple(f"{CODE}/{each}/" for each in ("gate", "drivers", "reports", "thumbnails"))
"""Have tests of their own."""
ERRORS = (
    RuntimeError(SECRET),
    MemoryError(SECRET),
    ValueError(SECRET),
    KeyError(SECRET),
    OSError(5, SECRET),
    ObjectError(SECRET),
)
"""Errors that quote the patient, also such as some code expects."""
MADE = ("identified", *PLACES)
COLUMNS = ["SOPInstanceUID", "Modality", "BodyPartExamined", "report"]
TABLES = ("dicom_metadata", "reports", "final_table", "prod", "dead_letters")


@pytest.fixture(autouse=True)
def loud() -> Iterator[None]:
    """Let pydicom speak again, where an error was raised just before it would have been let."""
    yield
    logging.getLogger("pydicom").disabled = False


@dataclass(slots=True)
class Ground:
    """Two hospitals with news, as they were before the run, and what an undisturbed run makes of them."""

    root: Path
    saved: Path
    before: Published
    after: Published
    one_by_one: Published
    """What is published where each patient counts alone: a fault that costs an image changes which values are rare."""
    tables: Mapping[str, Any]

    @property
    def work(self) -> Work:
        """The work over the hospitals."""
        return self.work_with(2)

    def work_with(self, k_anonymity: int) -> Work:
        """Return the work over the hospitals with another limit of the gate."""
        public = {"tables": "public:tables/", "thumbnails": "thumbs:", "columns": COLUMNS}
        return small.work(self.root, public=public, gate={"k_anonymity": k_anonymity, "second_look": False})

    def restore(self) -> None:
        """Bring back what runs have made; the hospitals' own objects stay the files that they are."""
        for each in MADE:
            shutil.rmtree(self.root / each, ignore_errors=True)
            if (self.saved / each).exists():
                shutil.copytree(self.saved / each, self.root / each)

    def save(self) -> None:
        """Keep what runs have made so far."""
        for each in MADE:
            if (self.root / each).exists():
                shutil.copytree(self.root / each, self.saved / each)


def ground(folder: Path, *, is_first: bool) -> Ground:
    """Write the hospitals; of a second run, let the first one be over, and let there be news."""
    made = Ground(folder / "root", folder / "saved", Published(), Published(), Published(), {})
    small.hospitals(made.root, studies=1, images=1)
    rare = small.instance(1, 7, BodyPartExamined="KNEE")
    small.put(made.root, "north/dicom/1/rare.dcm", rare)  # the gate holds it back, as one patient alone has it
    if not is_first:
        small.once(made.work)
        small.put(made.root, "north/dicom/2/1.dcm", small.instance(2, 1))
        (made.root / "south" / "3" / "1.dcm").unlink()
        corrected = b"ACC_NO,REPORT_DATE,REPORT\nACC771,2020-04-01,Corrected: Zabriskie1 has effusion\n"
        small.put(made.root, "north/reports/2.csv", corrected)
    made.save()
    made.before = published(made.root)
    small.once(made.work)
    made.after, made.tables = published(made.root), tables(made.work)
    small.once(made.work_with(1))
    made.one_by_one = published(made.root)
    return made


def tables(work: Work) -> Mapping[str, Any]:
    """Return the rows of the identified side."""
    return {each: small.rows(work.settings.tables, each) for each in TABLES}


def places(given: Ground, *, lines: bool) -> list[Place]:
    """Return where a run goes, the second time: what is kept for later is kept then."""
    given.restore()
    small.once(given.work)
    given.restore()
    with recorded(lines=lines, folder=CODE, boundary="") as went:
        small.once(given.work)
    own = [each for each in went if not each[0].co_filename.startswith((*OTHERS, f"{CODE}/settings.py"))]
    return sorted(own, key=name_of)


def assert_closed(given: Ground, place: Place, error: Exception) -> None:
    """Let a run fail there: nothing crosses that does not without a fault, and the next run ends as if it had not."""
    given.restore()
    work = given.work
    with failing(place, error), suppress(Exception):  # whatever comes out of the run, it ends
        small.once(work)
    told = f"{type(error).__name__} at {name_of(place)}"
    assert_allowed(given, told)
    small.once(given.work)
    assert_allowed(given, told)
    if tables(given.work) != given.tables:
        Operating(parts(given.work)).retry()
        small.once(given.work)
    found = tables(given.work)
    assert [each for each in TABLES if found[each] != given.tables[each]] == [], told
    assert published(given.root).files == given.after.files, told


def parts(work: Work) -> Parts:
    """Return the work as the command line gives it."""
    return Parts(work.settings, work.step, work.domains, work.open_bucket, "1")


def assert_allowed(given: Ground, told: str) -> None:
    """Look at the public side after a fault."""
    found = published(given.root)
    assert found.leaks() == [], told
    assert found.is_part_of([given.before, given.after, given.one_by_one]), told


def faults(given: Ground, *, lines: bool, most: int, part: int = 0, parts: int = 1) -> None:
    """Let runs fail at *most* places, which are chosen by chance, or at each one if it is 0; or at a part of them."""
    chance = Random(SEED)
    found = places(given, lines=lines)
    chosen = sorted(chance.sample(found, min(most or len(found), len(found))), key=name_of)
    with_errors = [(place, chance.choice(ERRORS)) for place in chosen]
    for place, error in with_errors[part::parts]:
        assert_closed(given, place, error)


def test_undisturbed(tmp_path: Path) -> None:
    """The image with a value that one patient alone has is held back, the rest is published; a leak would be found."""
    given = ground(tmp_path, is_first=True)
    assert not given.before.files
    assert len(given.tables["prod"]) == 3
    assert {row["BodyPartExamined"] for row in given.after.rows} == {"CHEST"}
    assert not given.after.leaks()
    (given.root / "thumbs" / "Quillfeather").write_bytes(b"")
    found = published(given.root)
    assert found.leaks() == ["Quillfeather"]
    assert not found.is_part_of([given.after])
    assert not given.after.is_part_of([given.before])


@pytest.mark.parametrize("is_first", [True, False])
def test_some_functions(tmp_path: Path, is_first: bool) -> None:
    """An error at some functions, which are others with another HILUM_SEED."""
    faults(ground(tmp_path, is_first=is_first), lines=False, most=2)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("part", range(PARTS))
def test_functions_and_lines(tmp_path: Path, is_first: bool, lines: bool, part: int) -> None:
    """An error at each function and line, or as many of them as HILUM_FAULTS says."""
    faults(ground(tmp_path, is_first=is_first), lines=lines, most=FAULTS, part=part, parts=PARTS)
