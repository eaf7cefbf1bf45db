"""The report counts everything once, and names files by number only."""

from pathlib import Path

from gateway.cli.deidentifying.report import Report
from gateway.cli.deidentifying.results import Result
from gateway.cli.deidentifying.units import Unit
from gateway.contract.release import Release

RELEASE = Release({"dicom": "basic", "fhir": "limited", "hl7v2": "limited"}, "keyed", "00cf2700", "abc", str)


def unit(number: int, start: int = 0) -> Unit:
    """Return a unit whose name is a patient's."""
    return Unit(number, Path("Smith"), "Smith", 10, 0, start)


def test_report() -> None:
    """Counts by outcome and reason, with the numbers of the files and messages."""
    report = Report(RELEASE, "anonymous", 30)
    report.add(unit(1), Result("written", "dicom", 1))
    report.add(unit(2), Result("same", "dicom", 1))
    report.add(unit(3), Result("held", "dicom", 0, {"its image": 1}, {"its image": [1]}))
    report.add(unit(4), Result("written", "fhir", 5, {"no name": 3}, {"no name": [2, 3]}))
    report.add(unit(4, 16), Result("written", "fhir", 5, {"no name": 1}, {"no name": [1]}))
    for number in range(5, 30):
        report.add(unit(number), Result("failed", problem="it cannot be read"))
    assert not report.is_good
    lines = list(report.lines())
    assert lines[:6] == [
        "step anonymous, pseudonyms keyed, key 00cf2700",
        "policy for dicom: basic",
        "policy for fhir: limited",
        "files: 30",
        "DICOM instances de-identified: 1",
        "FHIR resources de-identified: 10",
    ]
    assert "duplicates, written once: 1" in lines
    assert "held back: 4: no name: file 4 (2, 3, …), file 4 behind octet 16 (1)" in lines
    assert "held back: 1: its image: file 3" in lines
    assert lines[-1].endswith("file 24 and 5 more")
    told = report.as_json()
    assert told["held_back"]["no name"]["count"] == 4
    assert told["not_done"] == {"it cannot be read": list(range(5, 30))}
    assert "Smith" not in str(told) + str(lines)


def test_good() -> None:
    """Nothing held back and nothing left is good, also where files were copies."""
    report = Report(RELEASE, "anonymous", 1)
    report.add(unit(1), Result("same", "dicom", 1))
    assert report.is_good
