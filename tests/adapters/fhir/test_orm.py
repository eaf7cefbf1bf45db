"""Orders."""

import pytest

from adapters.fhir.adt import NO_PATIENT, NO_PATIENT_ID
from adapters.fhir.bundle import AS_OF
from adapters.fhir.convert import convert
from adapters.fhir.orm import ORDER_EVENTS
from adapters.fhir.report import Reason
from tests.adapters.fhir.making import BERLIN, PID, PV1, fields, made, message, only, resources

ORC = "ORC|NW|P1^HIS"
OBR = "OBR|1|P1^HIS||1^x^LN"
OBX = "OBX|1|NM|1^x^LN||5||||||F"


@pytest.mark.parametrize("kind", ["^".join(each) for each in ORDER_EVENTS])
def test_types(kind: str) -> None:
    """Every type of order gives its order and its patient, and leads from one to the other."""
    found = made(PID, PV1, ORC, OBR, kind=kind)
    order = only(found, "ServiceRequest")
    assert {"subject", "encounter", "status", "intent", "code", "identifier"} <= order.keys()


@pytest.mark.parametrize("version", ["2.1", "2.2", "2.3", "2.4", "2.5.1", "2.6", "2.7", "2.8"])
def test_versions(version: str) -> None:
    """The version in MSH-12 changes nothing: fields only get additions."""
    data = message(PID, ORC, OBR, kind="ORM^O01").replace(b"|2.5.1", f"|{version}".encode())
    assert made(PID, ORC, OBR, kind="ORM^O01").encoded() == getattr(convert(data, BERLIN), "encoded", bytes)()


def test_no_patient() -> None:
    """An order without a patient, or without the patient's identifier, is refused."""
    assert NO_PATIENT == convert(message(ORC, OBR, kind="ORM^O01"), BERLIN)
    assert NO_PATIENT_ID == convert(message("PID|1", ORC, OBR, kind="OML^O21"), BERLIN)


def test_only_orc() -> None:
    """An order that names no service is a resource of its own, which is reported."""
    found = made(PID, "ORC|CA|P1^HIS", kind="ORM^O01")
    assert "revoked" == only(found, "ServiceRequest")["status"]
    assert [("ORC-2", Reason.NO_SERVICE)] == [(each.place, each.reason) for each in found.report]


def test_no_number() -> None:
    """An order without a number is identified by the message, which is reported."""
    found = made(PID, "ORC|NW", "OBR|1|||1^x^LN", kind="ORM^O01")
    assert "active" == only(found, "ServiceRequest")["status"]
    assert [("ORC-2", Reason.KEYED_BY_MESSAGE)] == [(each.place, each.reason) for each in found.report]


def test_no_orc() -> None:
    """Before HL7 2.3 an order may have no ORC."""
    assert "unknown" == only(made(PID, OBR, kind="ORM"), "ServiceRequest")["status"]


def test_the_order_of_the_result() -> None:
    """An order and its result have the same ServiceRequest."""
    order, result = made(PID, ORC, OBR, kind="ORM^O01"), made(PID, "ORC|RE|P1^HIS", OBR, OBX, kind="ORU^R01")
    urls = [{each.url for each in found.bundle if each.kind == "ServiceRequest"} for found in (order, result)]
    assert urls[0] == urls[1]


def test_details_are_not_results() -> None:
    """An observation of an order has another key than that of its result, so that neither overwrites the other."""
    filler = "OBR|1||F1^LAB|1^x^LN"
    order, result = made(PID, filler, OBX, kind="ORM^O01"), made(PID, filler, OBX, kind="ORU^R01")
    urls = [{each.url for each in found.bundle if each.kind == "Observation"} for found in (order, result)]
    assert set() == urls[0] & urls[1]


def test_two_patients() -> None:
    """Another PID in an ORM begins the orders of another patient."""
    found = made(PID, ORC, OBR, PID.replace("|7^", "|9^"), ORC.replace("P1", "P2"), OBR, kind="ORM^O01")
    subjects = [each["subject"]["reference"] for each in resources(found, "ServiceRequest")]
    assert 2 == len(set(subjects))


def test_parent_is_the_order() -> None:
    """A parent with the number and the service of an order in the message is that order."""
    found = made(PID, ORC, OBR, "ORC|PA|P1^HIS", OBR, "ORC|CH|P2^HIS||||||P1&HIS", OBR, kind="OMG^O19")
    first, child = resources(found, "ServiceRequest")
    assert [each.reference for each in found.bundle if each.body == first] == child["basedOn"]


def test_medicine() -> None:
    """An order of a medicine is a MedicationRequest of the patient, and no ServiceRequest."""
    found = made(
        PID, PV1, ORC, OBR, "ORC|NW|P2^HIS", "RXO|70618^Penicillin^RXNORM|500||mg", "NTE|1||oral", kind="ORM^O01"
    )
    order = only(found, "ServiceRequest")
    medicine = only(found, "MedicationRequest")
    assert (order["subject"], order["encounter"]) == (medicine["subject"], medicine["encounter"])
    assert ("active", [{"text": "oral"}]) == (medicine["status"], medicine["note"])


def test_status_that_is_not_said() -> None:
    """An order control that says nothing of the status leaves it as it is."""
    found = made(PID, "ORC|UX|P1^HIS", OBR, kind="ORM^O01")
    (order,) = [each for each in found.bundle if each.kind == "ServiceRequest"]
    assert "unknown" == order.body["status"]
    assert "status" not in order.owns


TIMES = {
    "20240502113000": "2024-05-02T11:30:00+02:00",
    "20240502": "2024-05-01T10:15:00+02:00",
    "": "2024-05-01T10:15:00+02:00",
}


@pytest.mark.parametrize(("time", "expected"), TIMES.items())
def test_as_of(time: str, expected: str) -> None:
    """What an order says was so at ORC-9 if that is a time, otherwise at MSH-7."""
    found = made(PID, fields("ORC", {1: "NW", 2: "P1", 9: time}), OBR, kind="ORM^O01")
    (order,) = [each.entry() for each in found.bundle if each.kind == "ServiceRequest"]
    assert [expected] == [word["valueDateTime"] for word in order["extension"] if word["url"] == AS_OF]


PRIOR = ("ORC|PR|P0^HIS|F0^LAB", "OBR|1|P0^HIS|F0^LAB|2^y^LN" + "|" * 21 + "F", OBX)


def test_prior_of_the_patient() -> None:
    """A prior result with the PID of the same patient adds no patient."""
    found = made(PID, ORC, OBR, PID + "^Old", *PRIOR, kind="OML^O21")
    (patient,) = resources(found, "Patient")
    assert 1 == len(patient["name"])
    assert only(found, "DiagnosticReport")["subject"] == resources(found, "ServiceRequest")[0]["subject"]


def test_prior_of_another_patient() -> None:
    """A prior result may be of another patient."""
    found = made(PID, ORC, OBR, PID.replace("|7^", "|9^"), *PRIOR, kind="OML^O21")
    assert 2 == len(resources(found, "Patient"))
    assert only(found, "DiagnosticReport")["subject"] != resources(found, "ServiceRequest")[0]["subject"]


def test_prior_of_nobody() -> None:
    """A prior result whose patient has no identifier is left out, and reported."""
    found = made(PID, ORC, OBR, "PID|1||", *PRIOR, kind="OML^O21")
    assert [] == resources(found, "DiagnosticReport")
    assert {"OBR[2]-4", "OBX-5"} <= {each.place for each in found.report}


def test_documents_and_specimens() -> None:
    """A document belongs to its order; a comment and a container to their specimen."""
    ed = "OBX|1|ED|1^x^LN||^AP^PDF^Base64^JVBERg==||||||F"
    found = made(PID, ORC, OBR, ed, "SPM|1|S1&HIS", "NTE|1||cloudy", "SAC|||B1^LAB", "SAC|||", kind="OML^O21")
    order = only(found, "ServiceRequest")
    assert order["supportingInfo"] == [each.reference for each in found.bundle if each.kind == "DocumentReference"]
    specimen = only(found, "Specimen")
    assert ([{"text": "cloudy"}], 1) == (specimen["note"], len(specimen["container"]))


def test_reason() -> None:
    """The diagnosis of an order is created if the store lacks it; without a code it is left out."""
    found = made(PID, ORC, OBR, "DG1|1||I10^^I10", "DG1|2", kind="ORM^O01")
    (condition,) = [each.entry() for each in found.bundle if each.kind == "Condition"]
    assert "POST" == condition["request"]["method"]
    assert 1 == len(only(found, "ServiceRequest")["reasonReference"])
