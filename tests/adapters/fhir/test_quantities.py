"""Numbers, quantities and ranges."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.fhir.quantities import UCUM, composite, days, number, per_day, quantity, reference_range, structured, unit
from tests.adapters.fhir.making import PID, context, made

NUMBERS = {
    "4.10": "4.10", "+007": "7", ".5": "0.5", "-0.50": "-0.50", "5.": "5", "0": "0", "000": "0",
    "": None, ".": None, "1e5": None, "1,5": None, "²": None, "-": None, "NaN": None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), NUMBERS.items())
def test_number(text: str, expected: str | None) -> None:
    """A number keeps its trailing zeros; whatever is no number in HL7's form is none."""
    assert expected == (None if (found := number(text)) is None else str(found))


QUANTITIES: dict[str, Any] = {
    "<5": {"value": Decimal(5), "comparator": "<"},
    ">= 5.0": {"value": Decimal("5.0"), "comparator": ">="},
    "=5": None,
    "high": None,
}


@pytest.mark.parametrize(("text", "expected"), QUANTITIES.items())
def test_quantity(text: str, expected: Any) -> None:
    """A comparator is one of R4's."""
    assert expected == quantity(text, {})


UNITS = {
    "mg/dL": {"unit": "mg/dL", "system": UCUM, "code": "mg/dL"},
    "mmHg": {"unit": "mmHg", "system": UCUM, "code": "mm[Hg]"},
    "mmol/l^^UCUM": {"unit": "mmol/l", "system": UCUM, "code": "mmol/l"},
    "Stück": {"unit": "Stück"},
    " mg\n^^UCUM": {"unit": "mg", "system": UCUM, "code": "mg"},
    "m\ng^^UCUM": {"unit": "m g"},
    " ^^UCUM": {},
    "mg/dL^^L": {"unit": "mg/dL"},
    "^per field": {"unit": "per field"},
    "^^^mmol/L^^UCUM": {"unit": "mmol/L", "system": UCUM, "code": "mmol/L"},
    "x1^^L^g^gram^UCUM": {"unit": "gram", "system": UCUM, "code": "g"},
    "g^^UCUM^x1^^L": {"unit": "g", "system": UCUM, "code": "g"},
    "x1^^L^x2^^L": {"unit": "x1"},
    "^^^x2^^L": {"unit": "x2"},
    "^^^^^^^^per field": {"unit": "per field"},
    "": {},
}


@pytest.mark.parametrize(("raw", "expected"), UNITS.items())
def test_unit(raw: str, expected: Any) -> None:
    """A unit is UCUM's only if that is said, or if it cannot be mistaken."""
    assert expected == unit(raw, context())


def test_unit_that_is_left_out() -> None:
    """A local unit beside one in UCUM is reported, each time."""
    found = made(PID, "OBR|1||F1|a^b^L", *["OBX|1|NM|A^A^L||5|x1^^L^g^^UCUM"] * 2, kind="ORU^R01")
    left = [each.place for each in found.report if each.place.endswith("-6.1")]
    assert ["OBX-6.1", "OBX[2]-6.1"] == left


def value(text: str) -> Any:
    """Return a quantity without unit."""
    return {"value": Decimal(text)}


STRUCTURED: dict[str, Any] = {
    "^5": ("Quantity", value("5")),
    "=^5": ("Quantity", value("5")),
    ">^5.0": ("Quantity", {**value("5.0"), "comparator": ">"}),
    "^1^-^5": ("Range", {"low": value("1"), "high": value("5")}),
    "^1^:^128": ("Ratio", {"numerator": value("1"), "denominator": value("128")}),
    "^1^.^5": ("Quantity", value("1.5")),
    "<>^5": None,
    "^10^^20": None,
    "^10^-^5": None,
    "^5^^^x": None,
    "^3^+": None,
}


@pytest.mark.parametrize(("raw", "expected"), STRUCTURED.items())
def test_structured(raw: str, expected: Any) -> None:
    """A structured number is a quantity, a range or a ratio, or none of them."""
    assert expected == structured(raw, {}, context())


RANGES: dict[str, Any] = {
    "3.5-5.0": {"low": value("3.5"), "high": value("5.0")},
    "[ 3 - 5 ]": {"low": value("3"), "high": value("5")},
    "3 to 5": {"low": value("3"), "high": value("5")},
    "< 5": {"high": value("5")},
    "[ < 5 ]": {"high": value("5")},
    ">=60": {"low": value("60")},
    "5-3": {},
    "negative": {},
}


@pytest.mark.parametrize(("raw", "expected"), RANGES.items())
def test_reference_range(raw: str, expected: Any) -> None:
    """The text is always there, limits only where they are certain."""
    assert {**expected, "text": raw} == reference_range(raw, {}, context())


def test_no_range() -> None:
    """Brackets without content are nothing."""
    assert None is reference_range("[ ]", {}, context())


def test_with_unit() -> None:
    """A composite has a unit, a length of stay is in days."""
    assert "mL" == (composite("5^mL", context()) or {})["code"]
    assert "d" == (days("3", context()) or {})["code"]
    assert (None, None) == (composite("x", context()), days("x", context()))


def test_per_day() -> None:
    """A total daily dose is so much in one day."""
    found = per_day("3^g", context())
    assert found is not None
    assert (3, "g", 1, "d") == (
        found["numerator"]["value"],
        found["numerator"]["unit"],
        found["denominator"]["value"],
        found["denominator"]["code"],
    )
    assert per_day("much", context()) is None
