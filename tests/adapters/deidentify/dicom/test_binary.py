"""Numbers of a patient as binary numbers."""

from struct import pack

import pytest

from adapters.deidentify.dicom.binary import FORMS, BinaryNumbers

NUMBERS = BinaryNumbers([7423501, 19540307, 4711, 10**20])


@pytest.mark.parametrize("vr", FORMS)
def test_found(vr: bytes) -> None:
    """A number is found among others in each representation; a small one is a measurement."""
    form = FORMS[vr]
    assert NUMBERS.is_in(vr, pack(form, 1) + pack(form, 7423501))
    assert NUMBERS.is_in(vr, pack(form, 19540307))
    assert not NUMBERS.is_in(vr, pack(form, 4711) + pack(form, 7423502))
    assert not NUMBERS.is_in(vr, b"")


@pytest.mark.parametrize("vr", [*FORMS, b"AT"])
def test_octets_at_the_end(vr: bytes) -> None:
    """A value that is no whole number of numbers is read as far as it goes."""
    assert not NUMBERS.is_in(vr, b"\1")
    assert vr == b"AT" or NUMBERS.is_in(vr, pack(FORMS[vr], 7423501) + b"\1")


def test_tag() -> None:
    """The digits of a tag may be those of a number."""
    assert NUMBERS.is_in(b"AT", bytes.fromhex("28001000 42070135"))
    assert not NUMBERS.is_in(b"AT", bytes.fromhex("28001000"))


def test_others() -> None:
    """Other representations are no numbers of this sort."""
    assert not NUMBERS.is_in(b"OW", pack("<L", 7423501))
