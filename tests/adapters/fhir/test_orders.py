"""Orders, reports and specimens."""

import pytest

from adapters.fhir.orders import CONTROLS, ORDER_STATUSES, REPORT_STATUSES
from adapters.fhir.report import Reason
from tests.adapters.fhir.judges import bindings
from tests.adapters.fhir.making import PID, Json, fields, made, only, resources

OBR = "OBR|1|P1^^^H|F1|24323-8^Panel^LN|||20240501101500"
FINAL = OBR + "|" * 18 + "F"
OBX = "OBX|1|NM|1^x^LN||5||||||"


def found_in(*segments: str, kind: str = "DiagnosticReport") -> Json:
    """Return the only resource of a type in a result."""
    return only(made(PID, *segments, kind="ORU^R01"), kind)


def test_statuses_are_codes() -> None:
    """Each status is one of R4's."""
    sets = bindings()
    assert set(REPORT_STATUSES.values()) <= sets["http://hl7.org/fhir/ValueSet/diagnostic-report-status"]
    known = sets["http://hl7.org/fhir/ValueSet/request-status"]
    assert {*CONTROLS.values(), *ORDER_STATUSES.values()} <= known


ORDERS = {
    "a new order": ("ORC|NW", OBR, "active"),
    "ORC-5 before ORC-1": ("ORC|RE||||CM", OBR, "completed"),
    "a cancelled order": ("ORC|CA", OBR, "revoked"),
    "an ORC-5 of the sender": ("ORC|CA||||X", OBR, "revoked"),
    "a hold that is released": ("ORC|RL", OBR, "active"),
    "an order that was replaced": ("ORC|RQ", OBR, "revoked"),
    "a change, by the result": ("ORC|XX", FINAL, "completed"),
    "a final result": ("ORC|RE", FINAL, "completed"),
    "a result of which nothing is said": ("ORC|RE", OBR, "unknown"),
    "no ORC": ("NTE|1", OBR, "unknown"),
}


@pytest.mark.parametrize(("orc", "obr", "status"), ORDERS.values(), ids=ORDERS)
def test_order_status(orc: str, obr: str, status: str) -> None:
    """The status of an order is that of ORC, or follows from the result."""
    assert status == found_in(orc, obr, kind="ServiceRequest")["status"]


REPORTS = {
    "OBR-25": (FINAL, [OBX + "P"], "final"),
    "all final": (OBR, [OBX + "F"], "final"),
    "one corrected": (OBR, [OBX + "F", OBX + "C"], "corrected"),
    "some final": (OBR, [OBX + "F", OBX + "P"], "partial"),
    "cancelled ones do not count": (OBR, [OBX + "F", OBX + "X"], "final"),
    "none": (OBR, [], "unknown"),
    "various": (OBR, [OBX + "P", OBX + "I"], "preliminary"),
}


@pytest.mark.parametrize(("obr", "obx", "status"), REPORTS.values(), ids=REPORTS)
def test_report_status(obr: str, obx: list[str], status: str) -> None:
    """The status of a report is OBR-25, or what its observations have in common."""
    assert status == found_in(obr, *obx)["status"]


def test_period() -> None:
    """An end in OBR-8 makes a period."""
    assert {"start", "end"} == set(found_in(OBR + "|20240502101500")["effectivePeriod"])


def test_no_number() -> None:
    """A report without an order number is identified by the message, which is reported; there is no order then."""
    found = made(PID, "OBR|1|||1^x^LN", kind="ORU^R01")
    assert [] == resources(found, "ServiceRequest")
    assert Reason.KEYED_BY_MESSAGE in {each.reason for each in found.report}


def test_numbers() -> None:
    """The numbers of placer and filler say what they are."""
    found = found_in("ORC|RE|P1^^^H|F1", OBR)["identifier"][:2]
    assert ["PLAC", "FILL"] == [each["type"]["coding"][0]["code"] for each in found]


def test_several_services() -> None:
    """Two services with the same numbers are two orders and two reports."""
    found = made(PID, OBR, OBR.replace("24323-8", "1-8"), OBR, kind="ORU^R01")
    assert [3, 3] == [len(resources(found, kind)) for kind in ("ServiceRequest", "DiagnosticReport")]


def test_comment() -> None:
    """A comment on an order is a note of it."""
    assert [{"text": "fasting"}] == found_in(OBR, "NTE|1||fasting", kind="ServiceRequest")["note"]


def test_authored() -> None:
    """The time in ORC-9 is that of the order only if the order is new; otherwise it is reported."""
    new, result = ("ORC|{}" + "|" * 8 + "20240501").format("NW"), ("ORC|{}" + "|" * 8 + "20240501").format("RE")
    assert "2024-05-01" == found_in(new, OBR, kind="ServiceRequest")["authoredOn"]
    found = made(PID, result, OBR, kind="ORU^R01")
    assert "authoredOn" not in only(found, "ServiceRequest")
    assert ("ORC-9", Reason.NOT_MAPPED) in {(each.place, each.reason) for each in found.report}


def test_reflex() -> None:
    """An order that a result caused is a reflex order."""
    assert "reflex-order" == found_in(OBR + "|" * 4 + "G", kind="ServiceRequest")["intent"]


def test_end_before_the_start() -> None:
    """An end before the start is left out, and the start is a time."""
    found = made(PID, "OBR|1|P|F|1^x^LN|||20240502|20240501", kind="ORU^R01")
    assert "2024-05-02" == only(found, "DiagnosticReport")["effectiveDateTime"]
    assert ("OBR-8", Reason.OUT_OF_ORDER) in {(each.place, each.reason) for each in found.report}


def test_fields_of_an_order() -> None:
    """Hazards and clinical information are comments, the call-back number an extension, the section a category."""
    obr = fields(
        "OBR", {2: "P1", 4: "1^x", 12: "^Latex", 13: "^Pacemaker", 17: "^WPN^PH^^^30^555", 24: "RAD", 36: "20240503"}
    )
    found = found_in(obr, kind="ServiceRequest")
    assert ([{"text": "Latex"}, {"text": "Pacemaker"}], "RAD", "2024-05-03") == (
        found["note"],
        found["category"][0]["coding"][0]["code"],
        found["occurrenceDateTime"],
    )
    assert "30 555" in found["extension"][0]["valueContactPoint"]["value"]


def test_reports_without_number_of_two_patients() -> None:
    """Reports that only their message identifies stay apart for two patients, also if MSH-10 repeats."""
    one, other = (
        next(each for each in made(pid, "OBR|1|||1^x^LN", kind="ORU^R01").bundle if each.kind == "DiagnosticReport")
        for pid in (PID, PID.replace("|7^", "|8^"))
    )
    assert one.url != other.url


def test_order_status_of_the_sender() -> None:
    """An ORC-5 that table 0038 does not have is reported."""
    found = made(PID, "ORC|CA|P1|||X", OBR, kind="ORM^O01")
    assert {("ORC-5", Reason.NOT_IN_TABLE)} <= {(each.place, each.reason) for each in found.report}
