"""Reading DICOM JSON that may be anything."""

import pytest

from adapters.rest.dicom_json import FAILURE_REASON, REFERENCED_SOP_INSTANCE_UID, items, uid, unsigned_short

UIDS = {
    "plain": (["1.2.3"], "1.2.3"),
    "padded": (["1.2.3\0"], "1.2.3"),
    "with spaces": ([" 1.2.3 "], "1.2.3"),
    "empty": ([""], None),
    "none": ([], None),
    "two": (["1.2", "1.3"], None),
    "a number": ([1.2], None),
    "no array": ("1.2.3", None),
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
    "hexadecimal": (["0110H"], None),
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
    """What has no sequence has no items."""
    assert [] == list(items(value, "00081198"))
