"""The scorer can fail an engine: each of the ten actions is missed by a result that is wrong in this one way."""

from collections.abc import Callable
from io import BytesIO
from itertools import count

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from tests.adapters.deidentify.judge.cases import BASES, Case, case
from tests.adapters.deidentify.judge.scoring import ACTIONS, Scorer
from tests.adapters.deidentify.judge.test_score import result

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")  # values that break their form are the point
CT = next(seed for seed in count() if BASES[seed % len(BASES)] == "CT_small.dcm" and not case(seed).is_flagged)
WRONG: dict[str, Callable[[Dataset], object]] = {
    "tag_retained": lambda after: after.pop("StudyID"),
    "text_notnull": lambda after: setattr(after, "Modality", ""),
    "text_retained": lambda after: setattr(after, "SliceThickness", "7"),
    "text_removed": lambda after: setattr(after, "PatientComments", case(CT).removed[0][1].decode("latin-1")),
    "date_shifted": lambda after: setattr(after, "SeriesDate", "20010101"),
    "uid_changed": lambda after: setattr(after, "StudyInstanceUID", case(CT).who.uid),
    "uid_consistent": lambda after: setattr(after, "StudyInstanceUID", "2.25.7"),
    "patid_consistent": lambda after: setattr(after, "PatientID", "ANOTHER"),
    "pixels_retained": lambda after: setattr(after, "PixelData", bytes(len(after.PixelData))),
}


def judged(*results: tuple[Case, bytes | None]) -> Scorer:
    """Return the scorer after these results."""
    scorer = Scorer()
    for one, out in results:
        scorer.judge(one, out)
    return scorer


@pytest.mark.parametrize("action", sorted(WRONG))
def test_wrong(action: str) -> None:
    """What is wrong in one way misses this action."""
    right = result(case(CT))
    assert right is not None
    data_set = dcmread(BytesIO(right))
    WRONG[action](data_set)
    buffer = BytesIO()
    data_set.save_as(buffer)
    assert judged((case(CT), right), (case(CT), buffer.getvalue())).wrong[action] > 0


def test_right() -> None:
    """What the engine makes misses none, and nothing is counted that is held back."""
    scorer = judged((case(CT), result(case(CT))), (case(CT), None))
    assert not scorer.failures
    assert scorer.share == 1
    assert (scorer.delivered, scorer.parked, scorer.leaking) == (1, 1, 0)


def test_nothing_done() -> None:
    """The original fails: by removals, dates, UIDs, and by every identifier in its octets."""
    one = case(CT)
    scorer = judged((one, one.file))
    assert scorer.leaking == 1
    assert {"text_removed", "date_shifted", "uid_changed"} <= {action for _, action, _ in scorer.failures}


def test_burned_in() -> None:
    """An image that says that text is in it must not be delivered as it is."""
    one = case(CT)
    one.is_flagged = True
    assert judged((one, result(case(CT)))).wrong["pixels_hidden"] == 1
    assert sorted([*WRONG, "pixels_hidden"]) == sorted(ACTIONS)
