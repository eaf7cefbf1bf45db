"""Hostile files: held back, or a file; never another exception, and no value in the text of one or in a warning."""

import warnings
from collections.abc import Iterator
from struct import pack
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.deidentify.dicom.tree import Element, written
from adapters.deidentify.dicom.tree_reader import TreeReader
from adapters.deidentify.errors import HeldBackError
from adapters.dicom.encoding import LONG_VRS, SHORT_VRS, Malformed
from tests.adapters.deidentify.dicom.made import IMPLICIT, deidentified, element, header, image, native, part10

SECRETS = ("MUSTER", "Muster", "7423501", "4711X", "19540307")
OPTIONS = ("retain_longitudinal_modified_dates", "retain_safe_private", "clean_descriptors", "clean_structured_content")
VALID = native(
    bytes(16), Element(0x00081032, b"SQ", items=[[Element(0x00080104, b"LO", b"Musterfrau")]]),
    Element(0x00090010, b"LO", b"GEMS_IDEN_01"), Element(0x00091001, b"LO", b"7423501 "),
    Element(0x00104000, b"LT", b"Musterfrau, born 1954-03-07 "),
)  # fmt: skip


def judged(file: bytes, **profile: Any) -> None:
    """De-identify: either nothing comes out, or a file that can be read."""
    problem = ""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            out = deidentified(file, **profile)
        except (HeldBackError, Malformed) as error:
            problem = str(error)
        else:
            TreeReader(is_implicit=IMPLICIT.encode() + b"\0" in out[:400], most=2**24).feed(
                out[132 + 12 + int.from_bytes(out[140:144], "little") :], is_last=True
            )
    said = [problem, *(str(each.message) for each in warned)]
    assert not [each for each in said if any(secret in each for secret in SECRETS)]


@given(st.lists(st.tuples(st.integers(0, len(VALID)), st.binary(max_size=6)), max_size=4))
def test_damaged(damage: list[tuple[int, bytes]]) -> None:
    """Octets are overwritten anywhere."""
    file = bytearray(VALID)
    for at, octets in damage:
        file[at : at + len(octets)] = octets
    judged(bytes(file), options=OPTIONS)


@given(st.integers(0, len(VALID)), st.integers(0, 40))
def test_cut_out(at: int, count: int) -> None:
    """Octets are missing."""
    judged(VALID[:at] + VALID[at + count :])


@given(st.binary(max_size=300))
@example(b"")
@example(b"\xfe\xff\x00\xe0" * 20)
def test_any_data_set(octets: bytes) -> None:
    """Any octets after group 0002."""
    judged(part10(octets))
    judged(part10(octets, IMPLICIT))


VRS = st.sampled_from(sorted(LONG_VRS | SHORT_VRS))
TAGS = st.one_of(st.integers(0x00080000, 0x0040FFFF), st.sampled_from([0x00080005, 0x00080060, 0x00100010, 0x00100020,
                 0x00080018, 0x00080016, 0x0020000D, 0x00280004, 0x00280008, 0x00189004, 0x00081140]))  # fmt: skip
VALUES = st.one_of(st.binary(max_size=20), st.sampled_from([b"Musterfrau", b"ISO 2022 IR 87\\Musterfrau", b"\x1b$B123",
                   b"GB18030", b"\\ISO 2022 IR 149", b"19540307", b"MRN7423501", b"\\\\\\\\"]))  # fmt: skip


@given(st.lists(st.tuples(TAGS, VRS, VALUES, st.booleans()), max_size=8))
def test_any_elements(elements: list[tuple[int, bytes, bytes, bool]]) -> None:
    """Any tag with any representation and any value, as a sequence or not, in the place of what should be there."""
    more = [
        Element(tag, b"SQ", items=[[Element(0x00100020, vr, value)]]) if nested or vr == b"SQ" else
        Element(tag, vr, value)
        for tag, vr, value, nested in elements
        if not tag >> 16 & 1 or vr != b"SQ"
    ]  # fmt: skip
    file = part10(written(header(*image(), *more), is_implicit=False) + element(0x7FE00010, b"OW", bytes(16)))
    judged(file, options=OPTIONS, pixels="keep")


def deep(levels: int) -> bytes:
    """Return a sequence in a sequence in a sequence."""
    start = element(0x00081140, b"SQ", pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF), 0xFFFFFFFF)
    return start * levels


def bombs() -> Iterator[bytes]:
    """Yield data sets that ask for too much."""
    yield deep(33) + b"\0" * 8
    yield deep(200_000)
    yield element(0x00104000, b"UT", b"Musterfrau", 0xFFFFFFF0)
    yield element(0x00081140, b"SQ", pack("<HHL", 0xFFFE, 0xE000, 0x7FFFFFFF))
    yield element(0x00081140, b"LO", b"Musterfrau") * 2


@pytest.mark.parametrize("data", list(bombs()), ids=["depth", "depths", "length", "item", "twice"])
def test_too_much(data: bytes) -> None:
    """Depth and length have limits."""
    with pytest.raises((HeldBackError, Malformed)):
        deidentified(part10(data))


@pytest.mark.parametrize("tag", [0x00100020, 0x00100010, 0x00080050, 0x00080018, 0x00080020])
def test_items_instead_of_a_value(tag: int) -> None:
    """A sequence where a value should be is removed, or holds the object back."""
    hidden = Element(tag, b"SQ", items=[[Element(0x00189073, b"CS", b"MUSTERFRAU")]])
    try:
        assert b"MUSTERFRAU" not in deidentified(part10(written(header(hidden), is_implicit=False)))
    except HeldBackError:
        return
