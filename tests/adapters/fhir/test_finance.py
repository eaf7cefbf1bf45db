"""Messages about charges and accounts."""

import pytest

from adapters.fhir.adt import NO_PATIENT, NO_PATIENT_ID
from adapters.fhir.convert import convert
from adapters.fhir.finance import ACCOUNT_EVENTS
from adapters.fhir.report import LeftOut, Reason
from tests.adapters.fhir.judges import bindings
from tests.adapters.fhir.making import BERLIN, PID, PV1, made, message, only, resources

FULL = PID + "|" * 13 + "A1^^^HOSP&1.2.3&ISO"
FT1 = "FT1|1|T1||20240501||CG|99213^Visit^CPT"
OBX = "OBX|1|NM|1^x^LN||5"


def test_statuses_are_codes() -> None:
    """Each status is one of R4's."""
    known = bindings()["http://hl7.org/fhir/ValueSet/account-status"]
    assert {*ACCOUNT_EVENTS.values()} - {""} <= known
    assert "billable" in bindings()["http://hl7.org/fhir/ValueSet/chargeitem-status"]


STATUSES = {
    "P01": ("active", True),
    "P02": ("inactive", True),
    "P05": ("active", False),
    "P06": ("inactive", True),
    "P10": ("active", False),
    "P12": ("active", False),
}


@pytest.mark.parametrize(("event", "case"), STATUSES.items())
def test_status(event: str, case: tuple[str, bool]) -> None:
    """The status is that of the event; an update does not open an account that has ended."""
    (found,) = (each for each in made(FULL, kind=f"BAR^{event}").bundle if each.kind == "Account")
    assert case == (found.body["status"], "status" in found.owns)


ENDS = {
    "when it happened": ("EVN|P06|20240502||||20240501", "2024-05-01"),
    "when it was recorded": ("EVN|P06|20240502", "2024-05-02"),
    "not known": ("EVN|P06", None),
}


@pytest.mark.parametrize(("evn", "expected"), ENDS.values(), ids=ENDS)
def test_end(evn: str, expected: str | None) -> None:
    """An account ends when the event happened."""
    assert expected == only(made(evn, FULL, kind="BAR^P06"), "Account").get("servicePeriod", {}).get("end")


def test_no_account() -> None:
    """A BAR without an account number is reported; what it says of the visit is carried."""
    found = made(PID, PV1, "DG1|1||I10^^I10", kind="BAR^P12")
    assert LeftOut("PID-18", Reason.NO_KEY) in found.report
    assert 1 == len(resources(found, "Condition"))


@pytest.mark.parametrize(("kind", "owns"), [("BAR^P05", True), ("DFT^P03", False)])
def test_owned(kind: str, owns: bool) -> None:
    """A BAR changes account and insurance, a DFT only names them; neither changes patient or visit."""
    found = {each.kind: each for each in made(FULL, PV1, FT1, "IN1|1|P|C|Insurer", kind=kind).bundle}
    kinds = ("Account", "Coverage", "Patient", "Encounter")
    assert [owns, owns, False, False] == [bool(found[each].owns) for each in kinds]


def test_visits() -> None:
    """A BAR may have several visits of one account."""
    found = made(FULL, PV1, OBX, PV1.replace("V1^", "V2^"), OBX, "DG1|1||I10^^I10", kind="BAR^P01")
    assert (2, 2, 1) == tuple(len(resources(found, each)) for each in ("Encounter", "Observation", "Account"))


def test_procedures() -> None:
    """Procedures are carried, with who did them."""
    found = made(FULL, PV1, "PR1|1||71045^Xray^CPT||20240501", "ROL|1|AD|PR|1^Ash", kind="BAR^P12")
    assert "Ash" == only(found, "Procedure")["performer"][0]["actor"]["display"]


def test_observation_of_an_order() -> None:
    """An OBX after an order is about the order, which the message only mentions: it is reported."""
    found = made(FULL, PV1, OBX, "ORC|RE|P1", "OBR|1|P1||2^y^LN", OBX, FT1, kind="DFT^P03")
    assert 1 == len(resources(found, "Observation"))
    assert [] == resources(found, "DiagnosticReport")
    assert "OBX[2]-5" in {each.place for each in found.report}


@pytest.mark.parametrize("kind", ["DFT^P03", "BAR^P01"])
@pytest.mark.parametrize(("segment", "expected"), [("PV1|1", NO_PATIENT), ("PID|1", NO_PATIENT_ID)])
def test_refused(kind: str, segment: str, expected: object) -> None:
    """A message without a patient that can be found again is refused."""
    assert expected == convert(message(segment, FT1, kind=kind), BERLIN)
