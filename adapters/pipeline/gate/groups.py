"""k-anonymity: no combination of values is published that fewer than k patients have. Patients count, not rows."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.pipeline.gate.ages import is_great, without_great_age
from adapters.pipeline.gate.candidates import Candidate, Rules

RARE = "a value of its row is that of too few patients"
SMALL = "its combination of values is that of too few patients"
OLD = "its patient is older than 89"
NOTHING = "null"
"""The cell of a value that is missing or empty."""


@dataclass(frozen=True, slots=True)
class Cells:
    """How many cells were too small. Counts only: no value, and not whose."""

    rare_values: Mapping[str, int]
    """By column: values that too few patients have."""
    great_ages: int
    """Rows with an age over 89."""
    small_groups: int
    """Combinations that too few patients have."""


def small_cells(candidates: Sequence[Candidate], rules: Rules) -> tuple[list[Candidate | str], Cells]:
    """Return for each candidate its row without rare values, or why it is held back; and how many cells were small."""
    great = sum(is_great_row(each, rules) for each in candidates)
    found: list[Candidate | str] = [_without_great_ages(each, rules) for each in candidates]
    counts: dict[str, int] = {}
    for column in rules.identifying:
        left = [each for each in found if isinstance(each, Candidate)]
        rare = _too_few(((each.patient, _cell(each.row.get(column))) for each in left), rules.k)
        rare.discard(NOTHING)
        counts[column] = len(rare)
        found = [_without_rare(each, column, rare, rules) for each in found]
    left = [each for each in found if isinstance(each, Candidate)]
    small = _too_few(((each.patient, combination(each, rules)) for each in left), rules.k)
    judged = [SMALL if isinstance(each, Candidate) and combination(each, rules) in small else each for each in found]
    return judged, Cells(counts, great, len(small))


def combination(candidate: Candidate, rules: Rules) -> str:
    """Return the values of a row that together may tell who somebody is."""
    return "\n".join(_cell(candidate.row.get(each)) for each in rules.identifying)


def is_great_row(candidate: Candidate, rules: Rules) -> bool:
    """Whether a row says an age over 89, in whatever column: also in one that is not counted."""
    return any(is_great(column, candidate.row.get(column)) for column in rules.columns)


def _cell(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str) if value not in ("", [], {}) else NOTHING


def _too_few(cells: Iterable[tuple[str, str]], k: int) -> set[str]:
    """Return the cells that fewer than *k* patients have."""
    patients: defaultdict[str, set[str]] = defaultdict(set)
    for patient, cell in cells:
        patients[cell].add(patient)
    return {cell for cell, those in patients.items() if len(those) < k}


def _without_great_ages(candidate: Candidate, rules: Rules) -> Candidate | str:
    if not is_great_row(candidate, rules):
        return candidate
    if rules.rare == "hold_back":
        return OLD
    return replace(candidate, row={name: without_great_age(name, each) for name, each in candidate.row.items()})


def _without_rare(each: Candidate | str, column: str, rare: set[str], rules: Rules) -> Candidate | str:
    if not isinstance(each, Candidate) or _cell(each.row.get(column)) not in rare:
        return each
    return RARE if rules.rare == "hold_back" else replace(each, row={**each.row, column: None})
