"""Orders of imaging."""

import pytest

from adapters.fhir.report import Reason
from gateway.contract.fhir import AS_OF
from tests.adapters.fhir.making import PID, fields, made, only, resources

ORDER = ("ORC|NW|P1", "OBR|1|P1||1^x^LN")


def test_zds() -> None:
    """IHE's ZDS has the UID of the study, too."""
    found = only(made(PID, *ORDER, "ZDS|1.2.3.4^100^Application^DICOM", kind="ORM^O01"), "ImagingStudy")
    assert "urn:oid:1.2.3.4" == found["identifier"][0]["value"]
    assert "modality" not in found


@pytest.mark.parametrize("uid", ["", '""', "none", "1.02.3"])
def test_no_uid(uid: str) -> None:
    """What is no UID makes no study, and is reported."""
    found = made(PID, *ORDER, fields("IPC", {3: uid, 5: "CT"}), kind="OMI^O23")
    assert [] == resources(found, "ImagingStudy")
    places = {each.place for each in found.report if each.reason is Reason.UNREADABLE}
    assert ({"IPC-3"} if uid not in {"", '""'} else set()) == places


def test_one_study_for_two_orders() -> None:
    """Two orders may belong to one study; it is created if it is missing, and never overwritten."""
    steps = [fields("IPC", {3: "1.2.3", 5: modality}) for modality in ("CT", "PT")]
    second = [each.replace("P1", "P2") for each in ORDER]
    found = made(PID, *ORDER, steps[0], *second, steps[1], kind="OMI^O23")
    study = only(found, "ImagingStudy")
    assert (2, ["CT", "PT"]) == (len(study["basedOn"]), [each["code"] for each in study["modality"]])
    (entry,) = [each.entry() for each in found.bundle if each.kind == "ImagingStudy"]
    assert "POST" == entry["request"]["method"]
    assert {AS_OF} == {each["url"] for each in entry["extension"]}  # neither owns nor clears anything


def test_protocol_without_a_service() -> None:
    """Details of an order stand only beside a code (R4 prr-1), which is unknown if OBR-4 is empty."""
    found = made(PID, "ORC|NW|P1", "OBR|1|P1", fields("IPC", {6: "A^Abdomen"}), kind="OMI^O23")
    assert {"text": "unknown"} == only(found, "ServiceRequest")["code"]
