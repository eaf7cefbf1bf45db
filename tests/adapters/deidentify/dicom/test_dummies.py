"""Dummies: valid for their representation, and nothing of the old value."""

import pytest

from adapters.deidentify.dicom.dummies import DUMMIES, put_dummy
from adapters.deidentify.dicom.forms import has_form
from adapters.deidentify.dicom.srgb import srgb
from adapters.deidentify.dicom.tree import Element
from adapters.dicom.encoding import LONG_VRS, SHORT_VRS

OLD = b"MUSTERFRAU^ERIKA"


@pytest.mark.parametrize("vr", sorted((LONG_VRS | SHORT_VRS) - {b"SQ", b"UI"}))
def test_value(vr: bytes) -> None:
    """Each representation has one of its own form and of an even length (PS3.5 7.1.1)."""
    element = Element(0x00104000, vr, OLD)
    put_dummy(element)
    assert element.value
    assert element.value != OLD
    assert len(element.value) % 2 == 0
    assert has_form(vr, element.value)


@pytest.mark.parametrize("vr", [b"UI", b"??"])
def test_without_a_dummy(vr: bytes) -> None:
    """A UID is hashed elsewhere, and what is not known has no dummy: the value is empty."""
    element = Element(0x00104000, vr, OLD)
    put_dummy(element)
    assert not element.value


def test_colour_profile() -> None:
    """The dummy of a colour profile is the one of sRGB."""
    element = Element(0x00282000, b"OB", OLD)
    put_dummy(element)
    assert element.value == srgb()


def test_sequence() -> None:
    """One item stays: its attributes have dummies at each depth, and private ones are gone."""
    inner = Element(0x0040A088, b"SQ", items=[[Element(0x00080104, b"LO", OLD)], [Element(0x00080104, b"LO", OLD)]])
    first = [Element(0x0040A075, b"PN", OLD), inner, Element(0x00410010, b"LO", OLD), Element(0x00411001, b"LO", OLD)]
    element = Element(0x0040A073, b"SQ", items=[first, [Element(0x0040A075, b"PN", OLD)]])
    put_dummy(element)
    assert element.items is not None
    ((name, codes),) = element.items
    assert name.value == DUMMIES[b"PN"]
    assert codes.items is not None
    assert [[each.value for each in item] for item in codes.items] == [[DUMMIES[b"LO"]]]


def test_empty_sequence() -> None:
    """A sequence without an item gets none, as its content cannot be made up."""
    element = Element(0x0040A073, b"SQ", items=[])
    put_dummy(element)
    assert element.items == []
