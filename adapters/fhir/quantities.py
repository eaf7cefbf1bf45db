"""Numbers, quantities, ranges: the digits stay as they were sent, trailing zeros too."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from adapters.fhir.bundle import Json, cleaned
from adapters.fhir.context import Context
from adapters.fhir.report import Reason
from adapters.fhir.systems import TERMINOLOGY

UCUM = "http://unitsofmeasure.org"
COMPARATORS = ("<=", ">=", "<", ">")
_NUMBER = re.compile(r"([+-]?)0*(\d{0,30})(?:\.(\d{0,30}))?\Z", re.ASCII)
_PLAIN = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
_BETWEEN = re.compile(rf"\[?\s*({_PLAIN})\s*(?:-|to)\s*({_PLAIN})\s*\]?\Z", re.ASCII)
_BELOW = re.compile(rf"\[?\s*(<=?|>=?)\s*({_PLAIN})\s*\]?\Z", re.ASCII)


def number(text: str) -> Decimal | None:
    """Return the number in *text* with its digits as sent; None if it is none."""
    found = _NUMBER.match(text)
    if found is None or not (found[2] or found[3] or "0" in text):
        return None
    sign = "-" if found[1] == "-" else ""
    return Decimal(f"{sign}{found[2] or '0'}{'.' + found[3] if found[3] else ''}")


def unit(raw: str, context: Context) -> Json:
    """Return the unit of a CWE; UCUM only if that is said, or if the unit is in the list of unmistakable ones."""
    parts = context.texts(raw)
    parts += [""] * (9 - len(parts))
    made = [_unit(*parts[0:3], context=context), _unit(*parts[3:6], context=context)]
    used = next((each for each in made if "code" in each), None) or made[0] or made[1]
    if made[0] and used is made[1]:
        context.leave(Reason.NO_ELEMENT, "1")  # a local unit beside one in UCUM
    return used or ({"unit": parts[8]} if parts[8] else {})


def _unit(sent: str, shown: str, name: str, *, context: Context) -> Json:
    code = " ".join(sent.split())  # as R4 wants a code
    if not code:
        return {"unit": shown} if shown else {}
    if " " in code and name:  # UCUM recognises no white space in a unit
        return {"unit": shown or code}
    if context.options.systems.named(name) == UCUM or (not name and code in context.codes("unit")):
        known = context.codes("unit").get(code) if not name else None
        return {"unit": shown or code, "system": UCUM, "code": known.code if known else code}
    return {"unit": shown or code}


def quantity(text: str, measured: Json) -> Json | None:
    """Return a Quantity; ``<5`` has a comparator. None if *text* is no number."""
    value = number(text)
    if value is not None:
        return {"value": value, **measured}
    comparator = next((each for each in COMPARATORS if text.startswith(each)), "")
    value = number(text[len(comparator) :].strip()) if comparator else None
    return None if value is None else {"value": value, "comparator": comparator, **measured}


def structured(raw: str, measured: Json, context: Context) -> tuple[str, Any] | None:
    """SN: return the type of the value and the value; None if it is neither quantity nor range nor ratio."""
    parts = context.texts(raw)
    parts += [""] * (4 - len(parts))
    comparator, first, separator, second = parts[:4]
    if any(parts[4:]) or (second and not separator):
        return None
    low, high = number(first), number(second)
    if separator == "-" and low is not None and high is not None and low <= high and not comparator:
        return "Range", {"low": {"value": low, **measured}, "high": {"value": high, **measured}}
    if separator in {":", "/"} and low is not None and high is not None and comparator in {"", "="}:
        return "Ratio", {"numerator": {"value": low}, "denominator": {"value": high, **measured}}
    if separator == "." and first.isdigit() and second.isdigit():
        low, separator = number(f"{first}.{second}"), ""
    if low is None or separator or comparator not in {"", "=", *COMPARATORS}:
        return None
    compared = {"comparator": comparator} if comparator in COMPARATORS else {}
    return "Quantity", {"value": low, **compared, **measured}


def reference_range(raw: str, measured: Json, context: Context) -> Json | None:
    """OBX-7: the text, and limits only where it has one of the forms that can mean one thing only."""
    text = context.delimiters.text(raw)
    low, high = _limits(text)
    made: Json = {}
    if low is not None:
        made["low"] = {"value": low, **measured}
    if high is not None:
        made["high"] = {"value": high, **measured}
    if not made and not text.strip("[] \t\n"):
        return None
    made["text"] = text
    return made


@lru_cache(maxsize=4096)
def _limits(text: str) -> tuple[Decimal | None, Decimal | None]:
    """Return the limits in the text of a range: a laboratory repeats the same ones."""
    if found := _BETWEEN.match(text):
        low, high = number(found[1]), number(found[2])
        return (low, high) if low is not None and high is not None and low <= high else (None, None)
    if found := _BELOW.match(text):
        limit = number(found[2])
        return (None, limit) if found[1][0] == "<" else (limit, None)
    return None, None


def composite(raw: str, context: Context, _: str = "") -> Json | None:
    """CQ: a quantity with its unit; the unit's components are subcomponents."""
    parts = context.components(raw)
    parts += [""] * (2 - len(parts))
    as_concept = parts[1].replace(context.delimiters.subcomponent, context.delimiters.component)
    found = quantity(context.delimiters.text(parts[0]), unit(as_concept, context))
    result: Json | None = cleaned(found) if found else None
    return result


def simple(raw: str, context: Context, _: str = "") -> Json | None:
    """CQ: a quantity without a comparator, which R4 does not allow here (sqty-1)."""
    found = composite(raw, context)
    if found is not None and "comparator" in found:
        context.leave(Reason.NO_ELEMENT)
        return None
    return found


def per_day(raw: str, context: Context, _: str = "") -> Json | None:
    """CQ: return the most in a day."""
    found = composite(raw, context)
    return {"numerator": found, "denominator": days("1", context)} if found else None


def days(raw: str, context: Context, _: str = "") -> Json | None:
    """Return a Duration in days."""
    value = number(context.delimiters.text(raw))
    return None if value is None else {"value": value, "unit": "d", "system": UCUM, "code": "d"}


ABSENT = f"{TERMINOLOGY}data-absent-reason"
