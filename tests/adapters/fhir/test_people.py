"""People of orders."""

from typing import Any

import pytest

from adapters.fhir.report import Reason
from tests.adapters.fhir.making import PID, fields, made, only

ORDER = ("ORC|NW|P1", "OBR|1|P1||1^x^LN")


def prt(role: str, **values: str) -> str:
    """Return a PRT with a person, an organization or an action."""
    numbers = {"action": 2, "person": 5, "organization": 8}
    return fields("PRT", {1: "1", 4: role, **{numbers[name]: value for name, value in values.items()}})


REQUESTERS: dict[str, tuple[str, Any]] = {
    "a person": (prt("OP", person="^Doe^Jim"), {"display": "Jim Doe"}),
    "an organization": (prt("OP^^HL70912", organization="Clinic"), {"display": "Clinic"}),
    "nobody": (prt("OP"), None),
    "removed": (prt("OP", action="DE", person="^Doe^Jim"), None),
    "another role": (prt("RCT", person="^Doe^Jim"), None),
}


@pytest.mark.parametrize(("segment", "expected"), REQUESTERS.values(), ids=REQUESTERS)
def test_requester(segment: str, expected: Any) -> None:
    """The ordering provider is the requester; other roles are reported."""
    found = made(PID, *ORDER, segment, kind="OML^O21")
    assert expected == only(found, "ServiceRequest").get("requester")
    assert ("RCT" in segment or "DE" in segment) == ("PRT-4" in {each.place for each in found.report})


def test_another_requester() -> None:
    """The one in ORC-12 counts; another one is reported."""
    found = made(PID, "ORC|NW|P1" + "|" * 10 + "^Roe", ORDER[1], prt("OP", person="^Doe^Jim"), kind="OML^O21")
    assert {"display": "Roe"} == only(found, "ServiceRequest")["requester"]
    assert ("PRT-5", Reason.REPEATED) in {(each.place, each.reason) for each in found.report}


def test_collector() -> None:
    """The collector of the specimens is in each of them."""
    found = made(PID, *ORDER, prt("SC", person="^Doe^Jim"), "SPM|1|S1&H", kind="OML^O21")
    assert {"collector": {"display": "Jim Doe"}} == only(found, "Specimen")["collection"]
