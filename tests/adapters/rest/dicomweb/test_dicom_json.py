"""Reading DICOM JSON that may be anything."""

import pytest

from adapters.rest.dicomweb.dicom_json import (
    FAILURE_REASON,
    MAX_DEPTH,
    REFERENCED_SOP_INSTANCE_UID,
    collect,
    items,
    uid,
    unsigned_short,
)

UIDS = {
    "plain": (["1.2.3"], "1.2.3"),
    "padded": (["1.2.3\0"], "1.2.3"),
    "with spaces": ([" 1.2.3 "], "1.2.3"),
    "empty": ([""], None),
    "none": ([], None),
    "two": (["1.2", "1.3"], None),
    "a number": ([1.2], None),
    "no array": ("1.2.3", "1.2.3"),
    "between line ends": (["\r\n  1.2.3\r\n"], "1.2.3"),
    "an empty text, no array": ("", None),
    "an object": ({"a": "1.2.3"}, None),
}


@pytest.mark.parametrize(("value", "expected"), UIDS.values(), ids=UIDS)
def test_uid(value: object, expected: str | None) -> None:
    """A UID is one string without its padding."""
    assert expected == uid({REFERENCED_SOP_INSTANCE_UID: {"vr": "UI", "Value": value}}, REFERENCED_SOP_INSTANCE_UID)


SHORTS = {
    "a number": ([272], 272),
    "a string": (["272"], 272),
    "the largest": ([65535], 65535),
    "too large": ([65536], None),
    "far too large": ([10**4000], None),
    "negative": ([-1], None),
    "a fraction": ([272.5], None),
    "with a decimal point": ([42752.0], 42752),
    "no array": (42752, 42752),
    "hexadecimal": (["A700"], 0xA700),
    "hexadecimal, with a prefix": (["0xa700"], 0xA700),
    "a prefix and digits": (["0x0110"], 0x0110),
    "four digits": (["0110"], 110),
    "hexadecimal by its end": (["0110H"], None),
    "true": ([True], None),
    "null": ([None], None),
    "none": ([], None),
}


@pytest.mark.parametrize(("value", "expected"), SHORTS.values(), ids=SHORTS)
def test_unsigned_short(value: object, expected: int | None) -> None:
    """A reason is a number from 0 to 65535."""
    assert expected == unsigned_short({FAILURE_REASON: {"vr": "US", "Value": value}}, FAILURE_REASON)


def test_items_anywhere() -> None:
    """A sequence is found at the top, in an array and inside another sequence."""
    sequence = {"00081198": {"vr": "SQ", "Value": [{"a": 1}, {"b": 2}]}}
    for value in (sequence, [sequence], {"x": {"Value": [sequence]}}):
        assert [{"a": 1}, {"b": 2}] == list(items(value, "00081198"))


@pytest.mark.parametrize("value", [None, 1, "text", [], {}, {"00081198": None}, {"00081198": {"Value": None}}])
def test_nothing_to_find(value: object) -> None:
    """Without the sequence there are no items."""
    assert [] == list(items(value, "00081198"))


def nested(depth: int) -> object:
    """Return a sequence inside of *depth* arrays."""
    value: object = {"00081198": {"vr": "SQ", "Value": [{"a": 1}]}}
    for _ in range(depth):
        value = [value]
    return value


def test_several_at_once() -> None:
    """Several sequences are found in one walk, the outer ones first."""
    value = {"A": {"Value": [1, {"B": {"Value": [2]}, "A": {"Value": [3]}}]}, "B": {"Value": [4]}}
    found = collect(value, ("A", "B", "C"))
    assert {"A": [1, {"B": {"Value": [2]}, "A": {"Value": [3]}}, 3], "B": [4, 2], "C": []} == found


@pytest.mark.parametrize(("depth", "count"), [(0, 1), (MAX_DEPTH - 5, 1), (MAX_DEPTH, 0), (100_000, 0)])
def test_depth(depth: int, count: int) -> None:
    """A value that is nested too deeply gives no items at all, on any level."""
    value = [{"00081198": {"vr": "SQ", "Value": [{"a": 1}]}}] if depth >= MAX_DEPTH else []
    assert count == len(items([nested(depth), *value], "00081198"))
