"""Cells of too few patients: patients count, not rows."""

from dataclasses import replace

import pytest

from adapters.pipeline.gate.candidates import Candidate, Rules
from adapters.pipeline.gate.groups import OLD, RARE, SMALL, combination, small_cells
from tests.adapters.pipeline.gate.support import RULES, candidate, candidates

HOLD = replace(RULES, rare="hold_back")


def shown(found: list[Candidate | str], column: str) -> list[object]:
    """Return what is shown of each candidate, or why it is not."""
    return [each.row.get(column) if isinstance(each, Candidate) else each for each in found]


def test_enough() -> None:
    """Rows that enough patients have pass as they are."""
    given = candidates(3)
    judged, cells = small_cells(given, RULES)
    assert judged == given
    assert (set(cells.rare_values.values()), cells.small_groups, cells.great_ages) == ({0}, 0, 0)


def test_patients_count() -> None:
    """Many rows of two patients are rows of two patients."""
    given = [candidate(each % 2) for each in range(20)]
    judged, cells = small_cells(given, HOLD)
    assert judged == [RARE] * 20
    assert cells.rare_values["Modality"] == 1


def test_rare_value() -> None:
    """A rare value is left out, or its row is held back, as the rules say."""
    given = [*candidates(4), candidate(4, StudyDescription="Pacemaker of a rare kind")]
    judged, cells = small_cells(given, replace(RULES, k=1))
    assert judged == given
    judged, cells = small_cells(given, HOLD)
    assert shown(judged, "StudyDescription") == ["Thorax"] * 4 + [RARE]
    assert cells.rare_values == {"Modality": 0, "PatientAge": 0, "PatientSex": 0, "StudyDescription": 1}
    judged, cells = small_cells([*given, *(candidate(each, StudyDescription=None) for each in (5, 6))], RULES)
    assert shown(judged, "StudyDescription") == ["Thorax"] * 4 + [None] * 3


def test_small_group() -> None:
    """Values that are common each may be rare together: such rows are held back, and only they."""
    given = [
        *(candidate(each) for each in range(3)),
        *(candidate(each, Modality="MR", PatientSex="M") for each in range(3, 6)),
        candidate(6, Modality="MR", PatientSex="F"),
    ]
    judged, cells = small_cells(given, HOLD)
    assert shown(judged, "Modality") == ["CT"] * 3 + ["MR"] * 3 + [SMALL]
    assert cells.small_groups == 1
    assert not any(cells.rare_values.values())


def test_left_out_alone() -> None:
    """A row whose value was left out is held back if nobody else has none there."""
    judged, cells = small_cells([*candidates(4), candidate(4, StudyDescription="rare")], RULES)
    assert shown(judged, "StudyDescription") == ["Thorax"] * 4 + [SMALL]
    assert cells.small_groups == 1


def test_great_age() -> None:
    """Ages over 89 are told as one; they too must be those of enough patients."""
    given = [candidate(each, PatientAge=f"09{each}Y") for each in range(1, 5)]
    judged, cells = small_cells(given, RULES)
    assert shown(judged, "PatientAge") == ["090Y"] * 4
    assert cells.great_ages == 4
    assert small_cells(given, HOLD)[0] == [OLD] * 4


def test_pseudonyms_and_texts() -> None:
    """What is everybody's own makes no cell of one."""
    assert "SOPInstanceUID" not in combination(candidate(0), RULES)
    assert "examination" not in combination(candidate(0), RULES)


@pytest.mark.parametrize("value", [["a", "b"], {"Alphabetic": "x"}, 5, 2.5, True])
def test_values(value: object) -> None:
    """Values of every sort make cells."""
    judged, _ = small_cells([candidate(each, StudyDescription=value) for each in range(3)], RULES)
    assert shown(judged, "StudyDescription") == [value] * 3


@pytest.mark.parametrize("k", [2, 3, 5])
def test_nothing_small_is_shown(k: int) -> None:
    """Whatever comes: of what passes, each combination is that of k patients, and so is each value."""
    rules = Rules(RULES.columns, k=k)
    given = [
        candidate(
            each * 7 % 23,
            Modality=["CT", "MR", "US", "CR"][each * each % 4],
            PatientSex="MFO"[each % 3],
            PatientAge=f"0{40 + each % 6}Y",
            StudyDescription=f"part {each % 5}",
        )
        for each in range(300)
    ]
    for rare in ("generalise", "hold_back"):
        judged, _ = small_cells(given, replace(rules, rare=rare))
        passed = [each for each in judged if isinstance(each, Candidate)]
        patients: dict[str, set[str]] = {}
        for each in passed:
            patients.setdefault(combination(each, rules), set()).add(each.patient)
        assert all(len(those) >= k for those in patients.values())
        assert passed
