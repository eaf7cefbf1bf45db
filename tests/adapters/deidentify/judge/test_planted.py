"""Identifiers planted into objects, by seed: none is in any octet of what comes out."""

import warnings
from io import BytesIO
from random import Random

import pytest
from pydicom import dcmread

from tests.adapters.deidentify.dicom.made import deidentified
from tests.adapters.deidentify.judge.planting import ENCODINGS, PLACES, Subject, name, plant, plant_at
from tests.adapters.deidentify.judge.scanner import leaks
from tests.dicom_files import shipped
from tests.seeds import SEED

MOST = ("retain_longitudinal_modified_dates", "retain_safe_private", "clean_descriptors", "clean_graphics",
        "retain_device_identity", "retain_patient_characteristics", "retain_institution_identity")  # fmt: skip
"""Options that keep as much as they can."""
BASES = ("CT_small.dcm", "MR_small.dcm", "rtplan.dcm", "MR_small_RLE.dcm", "MR_small_bigendian.dcm")
COUNT = 60
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")  # values that break their VR are the point


def judged(seed: int, *, options: tuple[str, ...]) -> None:
    """Plant, de-identify and scan."""
    chance = Random(seed)
    data_set = dcmread(shipped(chance.choice(BASES[:4])))
    who = Subject(chance)
    name(data_set, who)
    where = [plant(data_set, who, chance) for _ in range(chance.randrange(1, 6))]
    file = saved(data_set)
    assert leaks(file, who.answers()), "there is something to find"
    assert not leaks(deidentified(file, pixels="keep", options=options), who.answers()), (seed, where)


def saved(data_set: object) -> bytes:
    """Return the file."""
    buffer = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # values that break their representation are the point
        data_set.save_as(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


@pytest.mark.parametrize("seed", range(SEED * 1000, SEED * 1000 + COUNT))
def test_by_chance(seed: int) -> None:
    """Some places at once, in any encoding."""
    judged(seed, options=MOST if seed % 2 else ())


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_many() -> None:
    """The same for many more."""
    for seed in range(SEED * 10_000, SEED * 10_000 + 3000):
        judged(seed, options=MOST)


@pytest.mark.parametrize("keyword", sorted(PLACES))
def test_each_place(keyword: str) -> None:
    """Each attribute, in each encoding: at the top, and in a sequence that stays."""
    chance = Random(SEED)
    for how in ENCODINGS:
        data_set = dcmread(shipped("CT_small.dcm"))
        who = Subject(chance)
        name(data_set, who)
        for holder in ("", "DerivationCodeSequence"):
            plant_at(data_set, holder, keyword, ENCODINGS[how](chance.choice(list(who.spellings()))))
        out = deidentified(saved(data_set), pixels="keep", options=MOST)
        assert not leaks(out, who.answers()), how


def test_foreign_names_are_counted() -> None:
    """A name that the header does not have is found by nobody in a field that stays: the profile removes the field."""
    data_set = dcmread(shipped("CT_small.dcm"))
    data_set.StudyDescription = data_set.LUTExplanation = "as for Wolkenstein"
    kept = deidentified(saved(data_set), options=("clean_descriptors",), pixels="keep")
    removed = deidentified(saved(data_set), unlisted_text="remove", pixels="keep")
    assert kept.count(b"Wolkenstein") == 2
    assert b"Wolkenstein" not in removed
