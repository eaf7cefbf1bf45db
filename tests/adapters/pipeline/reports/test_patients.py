"""A patient is known by all images of the hospital, and by those of no other patient or hospital."""

from adapters.pipeline.reports.patients import Patients
from tests.adapters.pipeline.reports.made import report

FIRST = {"StudyInstanceUID": "1.2.3.4.1", "PatientID": "P1", "AccessionNumber": "ACC1", "PatientAge": "040Y"}
OTHER = {"StudyInstanceUID": "1.2.3.4.2", "PatientID": "p1 ", "AccessionNumber": "ACC2", "StudyDate": "2020-01-02"}


def test_known() -> None:
    """Another study of the same patient counts, in whatever spelling of the number; another hospital's does not."""
    patients = Patients()
    for hospital, image in (("north", FIRST), ("north", OTHER), ("south", {**FIRST, "AccessionNumber": "ACC3"})):
        patients.add(hospital, image)
    patients.add("north", {"StudyInstanceUID": "1.2.3.4.9", "PatientID": "P2", "AccessionNumber": "ACC9"})
    known = patients.known(("north", "1.2.3.4.1"), report("r1", "ACC1"))
    assert {"ACC1", "ACC2"} == known.numbers & {"ACC1", "ACC2", "ACC3", "ACC9"}
    assert {"2020-01-02"} == known.days
    assert {"ACC3"} == patients.known(("south", "1.2.3.4.1"), report("r1", "")).numbers & {"ACC1", "ACC2", "ACC3"}


def test_without_a_number() -> None:
    """A study without the number of a patient is known by itself only."""
    patients = Patients()
    patients.add("north", {"StudyInstanceUID": "1.2.3.4.1", "AccessionNumber": "ACC1"})
    patients.add("north", {"StudyInstanceUID": "1.2.3.4.2", "AccessionNumber": "ACC2", "PatientID": None})
    assert {"ACC1"} == patients.known(("north", "1.2.3.4.1"), report("r1", "")).numbers


def test_unknown() -> None:
    """Of a study without images nothing is known, whatever its report says."""
    patients = Patients()
    assert not patients.known(("north", "1.2"), report("r1", "ACC1"))
    assert patients.identity(("north", "1.2")) is None


def test_identity() -> None:
    """What tells the days of a patient is kept of the first image."""
    patients = Patients()
    patients.add("north", FIRST)
    patients.add("north", OTHER)
    identity = patients.identity(("north", "1.2.3.4.1"))
    assert identity is not None
    assert ("1.2.3.4.1", "P1", None) == (
        identity["StudyInstanceUID"],
        identity["PatientID"],
        identity["IssuerOfPatientID"],
    )
