"""The gate: what passes, what is held back and why, and that nothing passes unchecked."""

import json
from dataclasses import replace

import pytest

from adapters.pipeline.gate import judging
from adapters.pipeline.gate.candidates import Candidate
from adapters.pipeline.gate.groups import SMALL, small_cells
from adapters.pipeline.gate.judging import NO_PATIENT, NOT_ALLOWED, NOT_CHECKED, gate
from adapters.pipeline.gate.leaks import IN_ROW, NOTHING_KNOWN
from adapters.pipeline.gate.reporting import FAILED
from adapters.pipeline.gate.second_look import TEXT_FOUND
from tests.adapters.pipeline.gate.support import (
    NAMES,
    RULES,
    candidate,
    candidates,
    identified,
    no_text,
    picture,
    references,
)

WITH_TEXT = picture(99)


def look(octets: bytes) -> str:
    """Find text in one of the pictures."""
    return TEXT_FOUND if octets == WITH_TEXT else ""


def test_all_pass() -> None:
    """Six patients without anything that names them pass, in order and unchanged."""
    given = candidates()
    verdict = gate(given, identified(), RULES, no_text)
    assert (list(verdict.passed), list(verdict.held)) == (given, [])
    assert verdict.report["passed"] == 6


HELD: dict[str, tuple[Candidate, str]] = {
    "nobody's": (replace(candidate(0), patient=""), NO_PATIENT),
    "somebody's of whom nothing is known": (replace(candidate(0), patient="south/P0"), NOTHING_KNOWN),
    "with another column": (candidate(0, OperatorsName="x"), NOT_ALLOWED),
    "with a name": (candidate(0, report="Musterfrau"), IN_ROW),
    "with text in its picture": (candidate(0, pictures={"1.webp": WITH_TEXT}), TEXT_FOUND),
    "with what cannot be searched": (candidate(0, pictures={"1.webp": None}), NOT_CHECKED),  # type: ignore[dict-item]
    "of a small group": (candidate(0, Modality="MR"), SMALL),
}


@pytest.mark.parametrize(("bad", "reason"), HELD.values(), ids=HELD)
def test_held(bad: Candidate, reason: str) -> None:
    """One that may not pass is held back with its reason, wherever it stands; the others pass."""
    others = candidates()
    for at in (0, 3, 6):
        given = [*others[:at], replace(bad, reference="bad"), *others[at:]]
        verdict = gate(given, identified(), RULES, look)
        assert [(each.reference, each.reason) for each in verdict.held] == [("bad", reason)]
        assert list(verdict.passed) == others
        assert verdict.report["reasons"] == {reason: 1}


def test_held_back_patients_do_not_count() -> None:
    """Who is held back for a name does not make a small group larger."""
    given = [candidate(each, report=NAMES[each] if each < 2 else "well") for each in range(4)]
    verdict = gate(given, identified(), RULES, no_text)
    assert not verdict.passed
    assert sorted(verdict.report["reasons"].values()) == [2, 2]


def test_without_second_look() -> None:
    """Pictures are looked at unless the settings say otherwise, and the report says so."""
    given = [candidate(each, pictures={"1.webp": WITH_TEXT}) for each in range(3)]
    assert not gate(given, identified(), RULES, look).passed
    verdict = gate(given, identified(), replace(RULES, second_look=False), look)
    assert len(verdict.passed) == 3
    assert verdict.report["second_look"] is False


def test_deterministic() -> None:
    """The same candidates give the same verdict; in another order the same candidates pass."""
    given = [candidate(each % 5, PatientSex="FM"[each % 2], StudyDescription=f"{each % 3}") for each in range(30)]
    given = [replace(each, reference=str(number)) for number, each in enumerate(given)]
    verdict = gate(given, identified(), RULES, no_text)
    assert verdict == gate(given, identified(), RULES, no_text)
    turned = gate(given[::-1], identified(), RULES, no_text)
    assert references(turned.passed)[::-1] == references(verdict.passed)


def test_failure_of_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that belongs to no candidate holds all of them back, and is not quoted."""

    def fail(*_: object) -> None:
        raise RuntimeError("Musterfrau")

    monkeypatch.setattr(judging, "small_cells", fail)
    verdict = gate(candidates(), identified(), RULES, no_text)
    assert not verdict.passed
    assert {each.reason for each in verdict.held} == {FAILED}
    assert "Musterfrau" not in json.dumps(verdict.report)


def test_lost_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check of all together that forgets one, or makes one up, lets none pass."""
    monkeypatch.setattr(
        judging, "small_cells", lambda given, rules: (small_cells(given, rules)[0][1:], small_cells(given, rules)[1])
    )
    assert not gate(candidates(), identified(), RULES, no_text).passed


def test_report_has_no_value() -> None:
    """The report and the reasons have names of columns and counts, and no value of a row or of a patient."""
    given = [
        *candidates(),
        candidate(0, StudyDescription="Quetzalcoatl"),
        candidate(1, report="Okafor 74230001"),
        candidate(2, PatientAge="097Y"),
    ]
    verdict = gate(given, identified(), RULES, no_text)
    told = json.dumps([verdict.report, [each.reason for each in verdict.held]])
    values = {str(each) for row in given for each in row.row.values()} | set(NAMES) | {"Quetzalcoatl", "Okafor", "7423"}
    assert not [each for each in values - {"CT", "F"} if each in told]


def test_nothing() -> None:
    """No candidates, no rows."""
    verdict = gate([], {}, RULES, no_text)
    assert (verdict.passed, verdict.held, verdict.report["candidates"]) == ([], [], 0)
