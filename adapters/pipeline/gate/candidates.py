"""What comes to the gate, by which rules it is judged, and what the gate says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from adapters.pipeline.contract import Row
from adapters.pipeline.gate.identifiers import kind_of

PSEUDONYMS = frozenset({"StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "PatientID", "AccessionNumber"})
"""Columns that de-identification has filled with pseudonyms: each value is somebody's own, and says nothing."""
TEXTS = frozenset({"report"})
"""Columns of free text: no value is that of two patients. They are searched for names like the others."""
OWN = frozenset({"thumbnail", "thumbnail_reason"})
"""Columns that the pipeline fills itself."""


def is_moved_day(column: str) -> bool:
    """Whether a column holds days, other than those of birth."""
    return column == "report_date" or (kind_of(column) == "dates" and "Birth" not in column)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that is to become public, with its pictures."""

    reference: str
    """How the report names it, which stays on the identified side. Pseudonyms are better than a name of an object."""
    patient: str
    """Whose row it is, the same for all rows of a patient. Empty if that is not known."""
    row: Row
    """All that is to be published of it, by column."""
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    """By key. It may be a mapping that reads a file when it is asked for one."""


@dataclass(frozen=True, slots=True)
class Rules:
    """By what the gate judges."""

    columns: frozenset[str]
    """The only columns that may be public."""
    k: int = 5
    """A combination of values is shown only if so many patients have it."""
    not_identifying: frozenset[str] = PSEUDONYMS | TEXTS | OWN
    """Columns that no combination is made of."""
    rare: Literal["generalise", "hold_back"] = "generalise"
    """What becomes of a value that fewer than *k* patients have, and of ages over 89: it is left out, or its row."""
    second_look: bool = True
    """Whether each picture is searched for text."""

    @property
    def identifying(self) -> Sequence[str]:
        """The columns whose values together may tell who somebody is, in order.

        Days are not among them, but for those of birth: de-identification has moved them for each patient by another
        number of days, and a day that it has not moved is found by the search for the patient's own.
        """
        return sorted(each for each in self.columns - self.not_identifying if not is_moved_day(each))


@dataclass(frozen=True, slots=True)
class Held:
    """A candidate that may not pass."""

    reference: str
    reason: str
    """A fixed sentence without any value of the candidate."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of all candidates. Nothing may pass before the report is on the disk: see ``release``."""

    passed: Sequence[Candidate]
    """With their rare values left out, where the rules say so."""
    held: Sequence[Held]
    report: Mapping[str, Any]
    """JSON values: counts, never a value of a candidate."""
