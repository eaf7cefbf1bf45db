"""Identifiers of a patient are found in rows, in keys and in the octets of pictures."""

from typing import Any

import pytest

from adapters.pipeline.gate.identifiers import Identifiers
from adapters.pipeline.gate.leaks import (
    IN_KEY,
    IN_PICTURE,
    IN_ROW,
    NO_PIXELS,
    NOTHING_KNOWN,
    LeakScan,
    is_digest,
    texts_of,
)
from tests.adapters.pipeline.gate.support import candidate, identified, key_of, picture

SCAN = LeakScan(identified()["north/P0"])
IN_ROWS: dict[str, dict[str, Any]] = {
    "name in a report": {"report": "Seen with Dr. X: Frau Musterfrau, well."},
    "name in capital letters": {"StudyDescription": "ERIKA MUSTERFRAU"},
    "number": {"StudyDescription": "Thorax 74230000"},
    "number as a number": {"StudyDescription": 74230000},
    "date": {"report": "born 1.3.1954"},
    "date as a number": {"report": "19540301"},
    "UID": {"SOPInstanceUID": "1.2.840.99.7.0"},
    "in a list": {"StudyDescription": ["a", "b Musterfrau"]},
    "in a record": {"StudyDescription": {"Alphabetic": "Musterfrau"}},
    "as the name of a field": {"StudyDescription": {"Musterfrau": 1}},
    "as octets": {"StudyDescription": b"Musterfrau"},
    "in base64": {"report": "TXVzdGVyZnJhdSBFcmlrYQ=="},
}


@pytest.mark.parametrize("more", IN_ROWS.values(), ids=IN_ROWS)
def test_row(more: dict[str, Any]) -> None:
    """Wherever it stands in a row, and however it is spelled."""
    assert SCAN.reason(candidate(0, **more)) == IN_ROW


def test_clean() -> None:
    """A candidate without identifiers passes, also with those of another patient, of whom it says nothing."""
    assert SCAN.reason(candidate(0)) == ""
    assert SCAN.reason(candidate(0, pictures={})) == ""
    assert LeakScan(identified()["north/P1"]).reason(candidate(0, report="Musterfrau")) == ""


def test_key() -> None:
    """A key that is no digest is searched."""
    octets = picture()
    assert SCAN.reason(candidate(0, pictures={"north/7423-0000.webp": octets}, thumbnail=None)) == IN_KEY
    assert SCAN.reason(candidate(0, pictures={"north/1.webp": octets}, thumbnail=None)) == ""
    assert is_digest(key_of(octets), octets)
    assert not is_digest(key_of(octets), octets + b" ")


@pytest.mark.parametrize("planted", [b"Musterfrau", b"musterfrau^erika", b"74230000", b"1.2.840.99.7.0"])
def test_picture(planted: bytes) -> None:
    """In the octets of a picture, also where they are pixels."""
    whole = picture()
    at = len(whole) // 2
    octets = whole[:at] + planted + whole[at + len(planted) :]
    assert SCAN.reason(candidate(0, pictures={key_of(octets): octets})) == IN_PICTURE


def test_metadata() -> None:
    """A picture with anything beside its pixels does not pass, whatever it is."""
    octets = picture() + b"\0\0"
    assert SCAN.reason(candidate(0, pictures={key_of(octets): octets})) == NO_PIXELS


def test_nothing_known() -> None:
    """Who has no identifiers cannot be searched for."""
    assert LeakScan(Identifiers()).reason(candidate(0)) == NOTHING_KNOWN


def test_texts() -> None:
    """Everything that is a text, once."""
    assert list(texts_of({"a": [1, None, True, "x", {"b": 2.5}]})) == ["a", "1", "x", "b", "2.5"]
