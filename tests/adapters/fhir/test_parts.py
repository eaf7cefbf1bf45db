"""Values of administrative segments."""

from decimal import Decimal

import pytest

from adapters.fhir import parts
from adapters.fhir.report import Reason
from tests.adapters.fhir.making import Json, context


def test_first() -> None:
    """The first component is the text."""
    assert ("A", None) == (parts.first("A^B", context()), parts.first("^B", context()))


def test_only_the_first() -> None:
    """Where no other row has the other components, they are reported."""
    using = context()
    assert ("A", "2") == (parts.first("A^B", using, "only"), using.report[0].place.rpartition(".")[2])


def test_number() -> None:
    """A number has a value only."""
    assert ({"value": "A"}, None) == (parts.number("A", context()), parts.number("", context()))


def test_beneficiary() -> None:
    """The relationship is reversed."""
    made = parts.beneficiary("CHD", context(), "beneficiary_relationship")
    assert made is not None
    assert "parent" == made["coding"][0]["code"]
    assert parts.beneficiary("^x", context(), "beneficiary_relationship") is None


COMPANIES: dict[str, tuple[str, str, Json | None]] = {
    "number and name": ("C1", "Ins", {"identifier": {"value": "C1"}, "display": "Ins"}),
    "a number of the name": ("C1", "Ins^^N1", {"identifier": {"value": "N1"}, "display": "Ins"}),
    "a name": ("", "Ins", {"display": "Ins"}),
    "nothing": ("", "", None),
}


@pytest.mark.parametrize(("number", "name", "expected"), COMPANIES.values(), ids=COMPANIES)
def test_company(number: str, name: str, expected: Json | None) -> None:
    """A company has number and name in two fields."""
    assert expected == parts.company(number, name, context())


def test_company_with_a_check_digit() -> None:
    """Other components of the number are reported."""
    using = context()
    parts.company("C1^4^M11", "Ins", using)
    assert [Reason.NO_ELEMENT, Reason.NO_ELEMENT] == [each.reason for each in using.report]


def test_performer() -> None:
    """A performer has a function where it is known."""
    assert {"actor": {"display": "Jim"}} == parts.performer("^^Jim", context(), "")
    assert parts.performer("", context(), "1") is None


def test_coverage_class() -> None:
    """A plan or a group has a value, which R4 demands."""
    made = parts.coverage_class("plan", "", "A")
    assert made is not None
    assert ("A", "A") == (made["value"], made["name"])
    assert parts.coverage_class("plan", "", "") is None


def test_agent() -> None:
    """An agent has a role."""
    made = parts.agent("^Doe^Jim", context(), "enterer")
    assert made is not None
    assert ("enterer", "Jim Doe") == (made["type"]["coding"][0]["code"], made["who"]["display"])
    assert parts.agent("", context(), "enterer") is None


FACILITIES = {"Main^1.2^ISO": ("Main", 2), "^main.example^DNS": ("main.example", 0), "": (None, 0)}


@pytest.mark.parametrize(("raw", "expected"), FACILITIES.items())
def test_facility(raw: str, expected: tuple[str | None, int]) -> None:
    """A place is its name; what is not shown is reported."""
    using = context()
    assert expected == ((parts.facility(raw, using) or {}).get("display"), len(using.report))


DC = {"system": "http://terminology.hl7.org/CodeSystem/v2-0205", "code": "DC"}
COSTS: dict[str, tuple[Json | None, int]] = {
    "150.00&USD^DC": (
        {"type": {"coding": [DC]}, "valueMoney": {"value": Decimal("150.00"), "currency": "USD"}},
        0,
    ),
    "150&Euro": ({"valueMoney": {"value": Decimal(150)}}, 0),
    "much": (None, 1),
}


@pytest.mark.parametrize(("raw", "expected"), COSTS.items())
def test_cost(raw: str, expected: tuple[Json | None, int]) -> None:
    """A cost has its digits as sent, and a currency only if that is a code."""
    using = context()
    assert expected == (parts.cost(raw, using), len(using.report))
