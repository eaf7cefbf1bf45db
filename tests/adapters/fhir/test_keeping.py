"""Lists to which several fields contribute: an absent field leaves its items as they are."""

import pytest

from adapters.fhir.bundle import KEEPS, Resource
from adapters.fhir.keeping import keep, shares, shares_of
from adapters.fhir.tables import rows
from tests.adapters.fhir.making import PID, fields, made, segment
from tests.adapters.fhir.merging import Json, Store

HOME, WORK = "telecom(use=home)", "telecom(use=work)"
ROLE, KIND = "participant(type.coding.code={})", "identifier(type.coding.code={})"
KEPT = {
    "one of two numbers": ("PID-Patient", {13: "555"}, {WORK}),
    "a number that is deleted": ("PID-Patient", {13: '""'}, {WORK}),
    "both": ("PID-Patient", {13: "555", 14: "556"}, set()),
    "neither": ("PID-Patient", {5: "Test"}, set()),
    "identifiers": ("PID-Patient", {3: "7", 20: "D1"}, {KIND.format("SS")}),
    "people": ("PV1-Encounter", {7: "1", 17: "2", 52: "3"}, {ROLE.format("REF"), ROLE.format("CON")}),
    "places": ("PV1-Encounter", {3: "W1"}, {"location(status=completed)", "location(status=reserved)"}),
    "place before": ("PV1-Encounter", {6: "W1", 42: "W2"}, {"location(status=active)", "location(status=planned)"}),
    "numbers of an order": ("ORC-ServiceRequest", {3: "F1"}, {KIND.format("PLAC")}),
}


@pytest.mark.parametrize(("table", "values", "kept"), KEPT.values(), ids=KEPT)
def test_keep(table: str, values: dict[int, str], kept: set[str]) -> None:
    """What the absent fields would have written stays."""
    given = segment(fields(table[:3], values))
    found = Resource("Patient", (), "", {})
    keep(shares_of(table), given, found)
    assert kept == found.keeps


def test_shares() -> None:
    """A list of one field is no shared one."""
    assert {"telecom", "identifier", "name"} == {element for element, _ in shares(rows("PID-Patient"))}


FIRST = (
    f"{PID}||||||||555-HOME|555-WORK|||||123-45-6789",
    fields("PV1", {2: "I", 3: "W1", 6: "W0", 7: "1^Att", 17: "2^Adm", 19: "V1^^^HOSP&1.2.3&ISO"}),
)
LATER = fields("PV1", {2: "I", 3: "W2", 7: "3^New", 19: "V1^^^HOSP&1.2.3&ISO"})


def values(found: Json, element: str, *names: str) -> list[str]:
    """Return a text of each item of a list."""
    listed = found.get(element, [])
    for name in names:
        listed = [each[name] for each in listed if name in each]
    return sorted(listed)


def test_absent_fields() -> None:
    """An update with PID-13 only leaves the number in PID-14; other lists likewise."""
    store = Store()
    store.take(made(*FIRST))
    store.take(made(f"{PID}||||||||555-NEW", LATER, kind="ADT^A08"))
    (patient,), (visit,) = store.of("Patient"), store.of("Encounter")
    assert ["555-NEW", "555-WORK"] == values(patient, "telecom", "value")
    assert ["123-45-6789", "7"] == values(patient, "identifier", "value")
    assert ["Adm", "New"] == values(visit, "participant", "individual", "display")
    assert ["W0", "W2"] == values(visit, "location", "location", "display")


def test_deleted_field() -> None:
    """A deletion of PID-13 leaves the number in PID-14."""
    store = Store()
    store.take(made(*FIRST))
    store.take(made(f'{PID}||||||||""', kind="ADT^A08"))
    assert ["555-WORK"] == values(store.of("Patient")[0], "telecom", "value")


def test_only_of_what_is_written() -> None:
    """A message that only names a patient keeps nothing, because it writes nothing."""
    found = made(FIRST[0].replace("|555-WORK", "|"), "OBR|1||F1|a^b^L", kind="ORU^R01")
    (patient,) = (each.entry() for each in found.bundle if each.kind == "Patient")
    assert KEEPS not in {each["url"] for each in patient.get("extension", ())}
