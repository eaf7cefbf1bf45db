"""Coverages."""

import pytest

from adapters.fhir.insurance import UNKNOWN_PAYOR
from adapters.fhir.report import Reason
from tests.adapters.fhir.making import PID, Json, made, only, resources
from tests.adapters.fhir.test_accounts import WITH_ACCOUNT

IN1 = "IN1|1|PL^Plan A|C7^^^INS&1.2.9&ISO|Payers||||G1|Group|||20240101|20241231||HMO|Roe^Eva|{}|19700101|Way 3|||1"


def in1(relation: str = "MTH", policy: str = "P77", insured: str = "S55^^^INS&1.2.9&ISO") -> str:
    """Return an IN1 with the relationship of the insured, the number of the policy and of the insured."""
    return IN1.format(relation) + "|" * 14 + f"{policy}|||||||F||||||{insured}"


def test_coverage() -> None:
    """IN1 is a coverage with its plan, group, period, policy and payor."""
    found = made(PID, in1())
    coverage = only(found, "Coverage")
    assert ("active", "2024-01-01", "2024-12-31", 1, "S55", "P77") == (
        coverage["status"],
        coverage["period"]["start"],
        coverage["period"]["end"],
        coverage["order"],
        coverage["subscriberId"],
        coverage["identifier"][0]["value"],
    )
    classes = [(each["type"]["coding"][0]["code"], each["value"], each["name"]) for each in coverage["class"]]
    assert [("plan", "PL", "Plan A"), ("group", "G1", "Group")] == classes
    assert ("Payers", "C7") == (
        only(found, "Organization")["name"],
        only(found, "Organization")["identifier"][0]["value"],
    )


def test_relationship_is_reversed() -> None:
    """HL7 says what the insured is to the patient, R4 asks what the patient is to the insured."""
    found = made(PID, in1("MTH"))
    assert "child" == only(found, "Coverage")["relationship"]["coding"][0]["code"]
    assert "MTH" == only(found, "RelatedPerson")["relationship"][0]["coding"][0]["code"]


def test_unknown_relationship() -> None:
    """A relationship of no table is left out of the coverage, because its words may say the reverse."""
    found = made(PID, in1("2^Mutter"))
    assert "relationship" not in only(found, "Coverage")
    assert ("IN1-17", Reason.NOT_IN_TABLE) in {(each.place, each.reason) for each in found.report}


SUBSCRIBERS: dict[str, tuple[str, Json]] = {
    "the patient": (in1("SEL"), {}),
    "without a number": (in1(insured=""), {"display": "Eva Roe"}),
    "without a relationship": (in1(""), {"display": "Eva Roe"}),
}


@pytest.mark.parametrize(("segment", "subscriber"), SUBSCRIBERS.values(), ids=SUBSCRIBERS)
def test_subscribers(segment: str, subscriber: Json) -> None:
    """The subscriber is the patient, or a name where nothing says more."""
    found = made(PID, segment)
    coverage = only(found, "Coverage")
    assert (subscriber or coverage["subscriber"]) == coverage["subscriber"]
    assert [] == resources(found, "RelatedPerson")


def test_no_payor() -> None:
    """R4 demands a payor: it is said that it is not known."""
    assert [UNKNOWN_PAYOR] == only(made(PID, "IN1|1|PL"), "Coverage")["payor"]


def test_two_payors() -> None:
    """Each repetition is a payor."""
    found = only(made(PID, "IN1|1|PL|C1~C2|One~Two"), "Coverage")
    assert ["One", "Two"] == [each["display"] for each in found["payor"]]


def test_more_of_an_insurance() -> None:
    """IN2 belongs to the IN1 before it: numbers of the coverage, and of the insured."""
    found = made(PID, in1(), "IN2|E9|123-45||||MC4|||||" + "|" * 50 + "M6^^^INS&1.2.9&ISO^MB")
    assert ["P77", "MC4", "M6"] == [each["value"] for each in only(found, "Coverage")["identifier"][:3]]
    assert {"E9", "123-45"} <= {each["value"] for each in only(found, "RelatedPerson")["identifier"]}


def test_no_key() -> None:
    """An insurance without plan, company and number has no key."""
    found = made(PID, "IN1|1", "IN2|E9")
    assert [] == resources(found, "Coverage")
    assert ("IN1-2", Reason.NO_KEY) in {(each.place, each.reason) for each in found.report}


def test_two_insurances() -> None:
    """Two insurances are listed in the account with their priority."""
    found = made(WITH_ACCOUNT, in1(), "IN1|2|PL2|C8|Second")
    assert [1, None] == [each.get("priority") for each in only(found, "Account")["coverage"]]
    assert 2 == len(resources(found, "Coverage"))


def test_deleted() -> None:
    """An insurance that IN1-55 deletes is cancelled."""
    assert "cancelled" == only(made(PID, in1() + "|" * 6 + "D"), "Coverage")["status"]


def test_holder() -> None:
    """The employer of the insured holds the policy."""
    found = only(made(PID, "IN1|1|PL|C1|One||||||E1^^^H|Works"), "Coverage")
    assert "Works" == found["policyHolder"]["display"]


def test_rest_of_a_group() -> None:
    """Other components of plan and group, and further repetitions, are reported."""
    found = made(PID, "IN1|1|PL^Plan^LN|C1|One||||G1|Group^L~Other|||||||Roe~Doe")
    assert {"IN1-2.3", "IN1-9", "IN1-9.2", "IN1-16"} <= {each.place for each in found.report}
