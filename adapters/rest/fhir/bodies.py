"""FHIR in JSON as values and back. Decimals are exact: ``4.10`` stays ``4.10``."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

Json = dict[str, Any]

encode = msgspec.json.Encoder(decimal_format="number").encode


def _exact(text: str) -> Decimal | msgspec.Raw:
    """Return a number that is written with the same digits: 0.00000010 is no 1.0E-7."""
    number = Decimal(text)
    return number if str(number) == text else msgspec.Raw(text.encode())


decode = msgspec.json.Decoder(float_hook=_exact).decode
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError)
"""What ``decode`` raises for octets that are no JSON."""

ID = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9.-]{1,64}", re.ASCII)
"""An ID, which is a part of an address (R4 datatypes, id); ``..`` would be another address."""

VERSION = re.compile(r"[!#-\[\]-~]{1,64}", re.ASCII)
"""A version as an entity tag can have it (RFC 9110 8.8.3)."""


def is_version(value: object) -> bool:
    """Whether *value* can be a condition: the version of a resource."""
    return isinstance(value, str) and VERSION.fullmatch(value) is not None


def has_extensions(value: Any) -> bool:
    """Whether all that is called ``extension`` in *value* is a list of objects."""
    if isinstance(value, dict):
        listed = value.get("extension", [])
        is_list = isinstance(listed, list) and all(isinstance(each, dict) for each in listed)
        return is_list and all(has_extensions(each) for each in value.values() if isinstance(each, dict | list))
    return all(has_extensions(each) for each in value if isinstance(each, dict | list))


def is_id(value: object) -> bool:
    """Whether *value* is the ID of a resource, or of a version of one."""
    return isinstance(value, str) and ID.fullmatch(value) is not None


def copied(value: Any) -> Any:
    """Return a copy of *value* that can be changed."""
    if isinstance(value, dict):
        return {name: copied(each) for name, each in value.items()}
    return [copied(each) for each in value] if isinstance(value, list) else value


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same. Trailing zeros of a number do not count: some servers do not keep them."""
    return bool(one == other)


def linked(value: Any, links: Mapping[str, str]) -> Any:
    """Return a copy of *value* in which each reference that is in *links* is the one that is there.

    Only ``reference`` is rewritten: an identifier may have the same text.
    """
    if isinstance(value, dict):
        return {
            name: links.get(each, each) if name == "reference" and isinstance(each, str) else linked(each, links)
            for name, each in value.items()
        }
    return [linked(each, links) for each in value] if isinstance(value, list) else value


def references(value: Any, found: set[str] | None = None) -> set[str]:
    """Return the references in *value*."""
    found = set() if found is None else found
    if isinstance(value, dict):
        for name, each in value.items():
            if name == "reference" and isinstance(each, str):
                found.add(each)
            elif isinstance(each, dict | list):
                references(each, found)
    elif isinstance(value, list):
        for each in value:
            references(each, found)
    return found
