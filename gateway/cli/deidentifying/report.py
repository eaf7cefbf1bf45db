"""The report of a run: how many of what became what, by which policy and key, without a name of the input."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.cli.deidentifying.results import Result
from gateway.cli.deidentifying.units import Unit
from gateway.contract.release import Release

MOST_NAMED = 20
"""Files that a line of the text names by number; the JSON report names all."""
FORMATS = {"dicom": "DICOM instances", "hl7v2": "HL7v2 messages", "fhir": "FHIR resources"}
AGAIN = "not done, tried again by the next run"


@dataclass(slots=True)
class Report:
    """What became of the units of one run, those of earlier runs included."""

    release: Release
    step: str
    files: int
    """How many files were named, each with all of its parts."""
    noun: str = "file"
    """What is counted: files, or items of a store."""
    done: Counter[str] = field(default_factory=Counter)
    """Messages that were de-identified, by format."""
    same: int = 0
    """Outputs that another file has made already, with the same content."""
    held: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By reason, where they are: ``{"file": 3, "count": 2, "parts": [1, 2]}``."""
    failed: dict[str, list[int]] = field(default_factory=dict)
    """By reason, the numbers of the files that are not done."""
    before: int = 0
    """Files, or parts of them, that an earlier run has done."""

    def add(self, unit: Unit, result: Result) -> None:
        """Count a unit."""
        if result.problem:
            self.failed.setdefault(result.problem, []).append(unit.number)
            return
        if result.outcome == "same":
            self.same += result.done
        elif result.done:
            self.done[result.format] += result.done
        for reason, count in result.held.items():
            place: dict[str, Any] = {"file": unit.number, "count": count, "parts": result.parts.get(reason, [])}
            self.held.setdefault(reason, []).append({**place, "from_octet": unit.start} if unit.start else place)

    @property
    def is_good(self) -> bool:
        """Whether everything was de-identified."""
        return not self.held and not self.failed

    def held_back(self, reason: str) -> int:
        """Return how many messages were held back for a reason."""
        return sum(int(each["count"]) for each in self.held[reason])

    def _places(self, reason: str) -> str:
        return _listed([self._place(each) for each in self.held[reason]])

    def _place(self, found: dict[str, Any]) -> str:
        parts = ", ".join(map(str, found["parts"]))
        more = ", …" if len(found["parts"]) < found["count"] else ""
        behind = f" behind octet {found['from_octet']}" if "from_octet" in found else ""
        is_alone = parts == "1" and not behind
        return f"{self.noun} {found['file']}" + ("" if is_alone else f"{behind} ({parts}{more})")

    def as_json(self) -> Mapping[str, Any]:
        """Return the report for programs."""
        return {
            "step": self.step,
            "policies": dict(self.release.policies),
            "pseudonyms": self.release.pseudonyms,
            "key": self.release.key,
            f"{self.noun}s": self.files,
            "done_before": self.before,
            "deidentified": dict(sorted(self.done.items())),
            "duplicates": self.same,
            "held_back": {reason: {"count": self.held_back(reason), "at": at} for reason, at in self.held.items()},
            "not_done": self.failed,
        }

    def lines(self) -> Iterator[str]:
        """Yield the report for people."""
        yield f"step {self.step}, pseudonyms {self.release.pseudonyms}, key {self.release.key}"
        formats = [form for form in FORMATS if self.done[form]]
        yield from (f"policy for {form}: {self.release.policies[form]}" for form in formats)
        yield f"{self.noun}s: {self.files}"
        yield from (f"{FORMATS[form]} de-identified: {self.done[form]}" for form in formats)
        if self.same:
            yield f"duplicates, written once: {self.same}"
        for reason in sorted(self.held, key=lambda each: -self.held_back(each)):
            yield f"held back: {self.held_back(reason)}: {reason}: {self._places(reason)}"
        for reason, numbers in self.failed.items():
            yield f"{AGAIN}: {len(numbers)}: {reason}: {_listed([f'{self.noun} {number}' for number in numbers])}"


def _listed(texts: list[str]) -> str:
    more = len(texts) - MOST_NAMED
    return ", ".join(texts[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
