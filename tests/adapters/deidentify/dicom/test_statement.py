"""What the object says of its own de-identification is what was done."""

import pytest

from adapters.deidentify.dicom.statement import CODES, add_statement
from adapters.deidentify.dicom.tree import Element, Item
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.settings import DicomProfile
from tests.adapters.deidentify.dicom.made import header

REMOVED, METHOD, METHOD_CODES, LONGITUDINAL = 0x00120062, 0x00120063, 0x00120064, 0x00280303


def stated(elements: Item, *options: str, skipped: tuple[str, ...] = ()) -> dict[int, Element]:
    """Return the elements after the statement is made, by tag."""
    profile = DicomProfile.model_validate({"options": options})
    add_statement(elements, profile, Manifest("", "abcd1234", skipped=list(skipped)))
    assert [each.tag for each in elements] == sorted({each.tag for each in elements})
    return {each.tag: each for each in elements}


def codes(found: dict[int, Element]) -> list[bytes]:
    """Return the values of the method's codes."""
    return [item[0].value for item in found[METHOD_CODES].items or ()]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), b"REMOVED"),
        (("retain_longitudinal_modified_dates",), b"MODIFIED"),
        (("retain_longitudinal_full_dates",), b"UNMODIFIED"),
    ],
)
def test_dates(options: tuple[str, ...], said: bytes) -> None:
    """Whether dates are removed, moved or kept (PS3.3 C.12.1.1.1)."""
    assert stated(header(), *options)[LONGITUDINAL].value == said


@pytest.mark.parametrize(("skipped", "said"), [((), b"YES"), (("pixels",), b"NO")])
def test_identity_removed(skipped: tuple[str, ...], said: bytes) -> None:
    """YES only if no layer was skipped."""
    assert stated(header(), skipped=skipped)[REMOVED].value == said


def test_method() -> None:
    """The edition and the fingerprint of the key are named; codes are those of the profile and its options."""
    found = stated(header(), "retain_safe_private", "clean_descriptors")
    assert b"2025a" in found[METHOD].value
    assert b"abcd1234" in found[METHOD].value
    assert len(found[METHOD].value) <= 64
    assert codes(found) == [b"113100", b"113105", b"113111"]
    assert [[each.tag for each in item] for item in found[METHOD_CODES].items or ()] == [
        [0x00080100, 0x00080102, 0x00080104]
    ] * 3


@pytest.mark.parametrize("option", CODES)
def test_each_option(option: str) -> None:
    """Each option has a code of its own."""
    assert codes(stated(header(), option)) == [b"113100", CODES[option][0].encode()]
    assert len(set(CODES.values())) == len(CODES)


def test_an_old_statement() -> None:
    """What somebody else said before is replaced, so that it cannot say more than was done."""
    old = [
        Element(REMOVED, b"CS", b"YES "),
        Element(METHOD, b"LO", b"Musterfrau"),
        Element(METHOD_CODES, b"SQ", items=[]),
    ]
    found = stated(header(*old), skipped=("pixels",))
    assert found[REMOVED].value == b"NO"
    assert b"Musterfrau" not in found[METHOD].value
