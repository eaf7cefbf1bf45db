"""Fields that the settings map."""

import pytest

from adapters.fhir.bundle import CLEARS
from adapters.fhir.context import Options
from adapters.fhir.functions import FUNCTIONS
from adapters.fhir.local import EXTENSION_TYPES, local_row
from adapters.fhir.tables import Row
from tests.adapters.fhir.judges import children
from tests.adapters.fhir.making import PID, PV1, made, only

URL = "https://hospital.example/fhir/ward"


def options(*rows: tuple[str, str, str, str], sender: str = "") -> Options:
    """Return options with these rows."""
    local: dict[tuple[str, str], tuple[tuple[str, Row], ...]] = {}
    for each in rows:
        segment, resource, row = local_row(*each)
        local[sender, segment] = (*local.get((sender, segment), ()), (resource, row))
    return Options(local_rows=local)


def test_extension() -> None:
    """A field of a Z-segment becomes an extension of the patient; the report does not name it any more."""
    found = made(PID, "ZPD|1||W^Ward", options=options(("ZPD-3", f"Patient.extension({URL})", "CWE", "")))
    (extension,) = only(found, "Patient")["extension"]
    assert (URL, "W") == (extension["url"], extension["valueCodeableConcept"]["coding"][0]["code"])
    assert {"ZPD-1"} == {each.place for each in found.report if each.place.startswith("ZPD")}


def test_element() -> None:
    """A field becomes an element that the step knows, of the visit."""
    found = made(PID, PV1, "ZVS|Reason", options=options(("ZVS-1", "Encounter.reasonCode[]", "CWE", "")))
    assert [{"text": "Reason"}] == [{"text": each["text"]} for each in only(found, "Encounter")["reasonCode"]]


def test_cleared() -> None:
    """A field that deletes its value clears the element."""
    found = made(PID, 'ZPD|1||""', options=options(("ZPD-3", f"Patient.extension({URL})", "ST", "")))
    (entry,) = (each.entry() for each in found.bundle if each.kind == "Patient")
    assert [f"extension({URL})"] == [each["valueString"] for each in entry["extension"] if each["url"] == CLEARS]


@pytest.mark.parametrize(("sender", "carried"), [("APP", True), ("", True), ("OTHER", False)])
def test_sender(sender: str, carried: bool) -> None:
    """A row may be for one sender."""
    rows = options(("PID-22", f"Patient.extension({URL})", "ST", ""), sender=sender)
    assert carried == ("extension" in only(made(PID + "|" * 17 + "N", options=rows), "Patient"))


def test_no_visit() -> None:
    """Without a visit a field of it is reported."""
    found = made(PID, "ZVS|Reason", options=options(("ZVS-1", "Encounter.reasonCode[]", "CWE", "")))
    assert "ZVS-1" in {each.place for each in found.report}


def test_result() -> None:
    """The rows are used for results too."""
    rows = options(("ZPD-1", f"Patient.extension({URL})", "ST", ""))
    assert "extension" in only(made(PID, "ZPD|x", kind="ORU^R01", options=rows), "Patient")


WRONG = {
    "no field": (("ZPD", f"Patient.extension({URL})", "ST", ""), "a field such as"),
    "another resource": (("ZPD-1", "Observation.code", "ST", ""), "an element of one of"),
    "no URL": (("ZPD-1", "Patient.extension(ward)", "ST", ""), "absolute URL"),
    "a datatype for no extension": (("ZPD-1", f"Patient.extension({URL})", "PL", ""), "needs a datatype"),
    "an unknown element": (("ZPD-1", "Patient.color", "ST", ""), "no table"),
    "another datatype": (("ZPD-1", "Patient.name[]", "ST", ""), "no table"),
    "no table of codes": (("ZPD-1", "Patient.gender", "CODE", "colors"), "table of codes"),
}


@pytest.mark.parametrize(("row", "reason"), WRONG.values(), ids=WRONG)
def test_wrong(row: tuple[str, str, str, str], reason: str) -> None:
    """A row that could make an invalid bundle is a mistake in the settings."""
    with pytest.raises(ValueError, match=reason):
        local_row(*row)


def test_types() -> None:
    """Each type of a value of an extension is one of R4's, and each datatype has its function."""
    assert {f"value{each}" for each in EXTENSION_TYPES.values()} <= children("Extension").keys()
    assert FUNCTIONS.keys() >= EXTENSION_TYPES.keys()
