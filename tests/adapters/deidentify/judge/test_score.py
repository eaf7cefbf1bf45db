"""The score of the engine over many objects, and the pages that say it."""

import importlib.util
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from tests.adapters.deidentify.judge.agreement import compared, python, share
from tests.adapters.deidentify.judge.cases import Case, case, cases
from tests.adapters.deidentify.judge.engine import delivered
from tests.adapters.deidentify.judge.real_files import CORPUS, files, read
from tests.adapters.deidentify.judge.scoring import CERTAIN, Scorer

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")  # values that break their form are the point
ROOT = Path(__file__).parents[4]
OPTIONS = ("retain_longitudinal_modified_dates", "clean_descriptors", "clean_structured_content")
COUNT, FIRST = 1000, 0
LEAST, MOST_PARKED = 0.995, 0.02


def result(one: Case) -> bytes | None:
    """Return what is delivered of an object: pixels are only looked at by their flag."""
    return delivered(one.file, options=OPTIONS, pixels="hold_back" if one.is_flagged else "keep")


@cache
def score() -> Scorer:
    """Return the score over the objects of the table."""
    scorer = Scorer()
    for one in cases(COUNT, FIRST):
        scorer.judge(one, result(one))
    return scorer


def writer() -> ModuleType:
    """Return the script that writes the tables."""
    spec = importlib.util.spec_from_file_location("write_deidentification", ROOT / "docs" / "write_deidentification.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def assert_good(scorer: Scorer) -> None:
    """Each removal, date, UID and identifier is right, nearly all the rest too, and hardly anything is held back."""
    assert scorer.leaking == 0, scorer.failures
    assert {each: scorer.wrong[each] for each in CERTAIN} == dict.fromkeys(CERTAIN, 0), scorer.failures
    assert scorer.share >= LEAST, scorer.failures
    assert scorer.parked <= MOST_PARKED * (scorer.delivered + scorer.parked)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_score() -> None:
    """The score is as good as it must be, and the page says what it is."""
    assert_good(score())
    assert writer().with_score(score()) == writer().PAGE.read_text()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_corpus() -> None:
    """Files of other projects, with identifiers planted into them: those that can be read and have a known form."""
    if not CORPUS.is_dir():
        pytest.skip("the files of other projects are not there (../shared/corpus/dicom)")
    scorer = Scorer()
    for number, name in enumerate(sorted(files())):
        plain = read(files()[name])
        if plain is None or delivered(files()[name].read_bytes(), options=OPTIONS, pixels="keep") is None:
            continue  # held back for what it is, without anything planted: tests of the engine say why
        for turn in range(3):
            one = planted(files()[name], 100 * number + turn + 10)
            if one is not None:
                scorer.judge(one, result(one))
    assert scorer.delivered > 150
    assert_good(scorer)


def planted(path: Path, seed: int) -> Case | None:
    """Return the file with identifiers in it, None if pydicom cannot write what it has read."""
    try:
        return case(seed, path)
    except Exception:  # noqa: BLE001  the files are odd
        return None


def test_places() -> None:
    """The page of the places says what the tests of the places hold."""
    assert writer().places() == writer().PLACES_PAGE.read_text()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_agreement(tmp_path: Path) -> None:
    """Each kind of difference from dicom-anonymizer has its reason, and the page counts them."""
    if python() is None:
        pytest.skip("dicom-anonymizer is not installed (`make python-peers`)")
    found: Mapping[tuple[str, str, str], int] = compared(tmp_path)
    assert share(found) > 0.75
    assert writer().agreement(found) == writer().AGREEMENT_PAGE.read_text()
