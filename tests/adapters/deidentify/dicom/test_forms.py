"""The form of each value representation (PS3.5 table 6.2-1): text that stands where a number should has none."""

import pytest

from adapters.deidentify.dicom.forms import FORMS, SIZES, has_form

GOOD = {
    b"CS": [b"", b"ORIGINAL\\PRIMARY ", b"lower_case", b"1.5T-A"],
    b"DS": [b"", b"1.5\\-2e+3 ", b" 7 "],
    b"IS": [b"", b"12\\-3 ", b"+4"],
    b"UI": [b"", b"1.2.3\0", b"1.2\\1.3"],
    b"AS": [b"", b"044Y", b"003D\\010W"],
    b"TM": [b"", b"1122", b"112233.123456", b"11:22:33", b"235960", b"10 \\11"],
    b"DA": [b"", b"20110213", b"2011.02.13", b"20110213\\20110214"],
    b"DT": [b"", b"20110213112233.123456+0100", b"2011", b"201102", b"20110213\\2011021311"],
}
BAD = {
    b"CS": [b"MUSTERFRAU, ERIKA", b"A" * 33, b"M\xfcLLER"],
    b"DS": [b"Muster", b"1" * 33],
    b"IS": [b"1.5", b"Muster", b"1" * 17],
    b"UI": [b"1.2.Muster", b"1" * 65],
    b"AS": [b"44Y", b"044Z", b"044Y Muster"],
    b"TM": [b"Muster", b"2500", b"112233.1234567"],
    b"DA": [b"born 1954", b"2011021", b"2011-02-13", b"20114711"],
    b"DT": [b"Muster", b"1" * 27, b"7423501", b"742350", b"20110213742350", b"20110213112233+4711"],
}


@pytest.mark.parametrize(("vr", "value"), [(vr, value) for vr, values in GOOD.items() for value in values])
def test_good(vr: bytes, value: bytes) -> None:
    """What the standard allows, and what real objects have, has it."""
    assert has_form(vr, value)


@pytest.mark.parametrize(("vr", "value"), [(vr, value) for vr, values in BAD.items() for value in values])
def test_bad(vr: bytes, value: bytes) -> None:
    """Text has none."""
    assert not has_form(vr, value)


@pytest.mark.parametrize("vr", SIZES)
def test_size(vr: bytes) -> None:
    """Numbers come whole."""
    assert has_form(vr, bytes(SIZES[vr] * 3))
    assert not has_form(vr, bytes(SIZES[vr] * 3 - 1))
    assert has_form(vr, b"")


@pytest.mark.parametrize("vr", [b"LO", b"PN", b"OB", b"UN", b"UT"])
def test_anything(vr: bytes) -> None:
    """Text and octets may be anything: other rules judge them."""
    assert has_form(vr, b"\xff\0Muster")


def test_tables_agree() -> None:
    """No representation has two rules, and each form has its examples."""
    assert not FORMS.keys() & SIZES.keys()
    assert FORMS.keys() == GOOD.keys() == BAD.keys()
