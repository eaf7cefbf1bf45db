"""What became of a unit. Nothing of it names a patient: the reasons are fixed sentences."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["written", "same", "held", "failed", "stopped"]
"""``written``: what could be de-identified is in the output. ``same``: the output has it already. ``held``: nothing of
it could be. ``failed``: it could not be read, or its process ended; it is tried again by the next run. ``stopped``: the
output or the crosswalk takes nothing, so everything stops."""
MOST_PARTS = 100
"""Messages that are named by number for each reason and unit; all of them are counted."""


@dataclass(slots=True)
class Result:
    """What became of one unit."""

    outcome: Outcome = "written"
    format: str = ""
    """``dicom``, ``hl7v2`` or ``fhir``, or nothing where it is none of them."""
    done: int = 0
    """Messages, instances and resources that were de-identified."""
    held: dict[str, int] = field(default_factory=dict)
    """Those that were held back, by reason."""
    parts: dict[str, list[int]] = field(default_factory=dict)
    """The numbers of the first of them in their file, by reason: messages, or lines from the unit's beginning."""
    outputs: list[str] = field(default_factory=list)
    """Files below the output folder; their names are pseudonyms or keyed digests."""
    problem: str = ""
    """Why it failed or stopped."""

    def hold(self, reason: str, part: int) -> None:
        """Count a message that is held back."""
        self.held[reason] = self.held.get(reason, 0) + 1
        numbers = self.parts.setdefault(reason, [])
        if len(numbers) < MOST_PARTS:
            numbers.append(part)

    def as_json(self) -> dict[str, Any]:
        """Return what the record keeps."""
        return {
            "outcome": self.outcome,
            "format": self.format,
            "done": self.done,
            "held": self.held,
            "parts": self.parts,
            "outputs": self.outputs,
        }

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> "Result":
        """Return what the record has kept; raises KeyError or TypeError if it is none."""
        return cls(
            found["outcome"],
            str(found["format"]),
            int(found["done"]),
            dict(found["held"]),
            dict(found["parts"]),
            list(found["outputs"]),
        )
