"""The XML form of a response."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.dicomweb.native_model import read_native_model
from adapters.rest.http.reply import MOST_NODES, MOST_OCTETS

RESPONSE = b"""<?xml version="1.0" encoding="UTF-8"?>
<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM">
  <DicomAttribute tag="00081190" vr="UR" keyword="RetrieveURL"><Value number="1">http://store</Value></DicomAttribute>
  <DicomAttribute tag="00081198" vr="SQ" keyword="FailedSOPSequence">
    <Item number="1">
      <DicomAttribute tag="00081155" vr="UI"><Value number="1">1.2.3</Value></DicomAttribute>
      <DicomAttribute tag="00081197" vr="US"><Value number="1">272</Value></DicomAttribute>
      <DicomAttribute tag="00100010" vr="PN"><PersonName number="1"><Alphabetic>
        <FamilyName>X</FamilyName></Alphabetic></PersonName></DicomAttribute>
    </Item>
  </DicomAttribute>
</NativeDicomModel>"""


def test_response() -> None:
    """Sequences, items and values have the same places as in JSON; names of persons are left out."""
    item = {
        "00081155": {"vr": "UI", "Value": ["1.2.3"]},
        "00081197": {"vr": "US", "Value": ["272"]},
        "00100010": {"vr": "PN", "Value": []},
    }
    expected = {
        "00081190": {"vr": "UR", "Value": ["http://store"]},
        "00081198": {"vr": "SQ", "Value": [item]},
    }
    assert expected == read_native_model(RESPONSE)


UNREADABLE = {
    "nothing": b"",
    "half of it": RESPONSE[:-10],
    "a web page": b"<html><body>502 Bad Gateway</body></html>",
    "a document type": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><NativeDicomModel>&a;</NativeDicomModel>',
    "an unknown encoding": b'<?xml version="1.0" encoding="nothing-like-it"?><NativeDicomModel/>',
    "a multibyte encoding": b'<?xml version="1.0" encoding="gb18030"?><NativeDicomModel/>',
    "too deep": b"<NativeDicomModel>" + b"<Item>" * 1000,
    "too many elements": b"<NativeDicomModel>" + b"<x/>" * (2 * MOST_NODES) + b"</NativeDicomModel>",
    "too large": b"<NativeDicomModel>" + b" " * MOST_OCTETS + b"</NativeDicomModel>",
}


@pytest.mark.parametrize("xml", UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable(xml: bytes) -> None:
    """Whatever is not a native model, or could be an attack, is None."""
    assert read_native_model(xml) is None


@given(st.binary() | st.lists(st.sampled_from(RESPONSE.split(b">"))).map(b">".join))
def test_never_raises(xml: bytes) -> None:
    """Any octets are read without an error."""
    read_native_model(xml)


@pytest.mark.parametrize(("count", "is_read"), [(100, True), (50_000, False)])
def test_attributes(count: int, is_read: bool) -> None:
    """A tag of a megabyte is not read: meanwhile no other thread would run."""
    attributes = b"".join(b'a%d="" ' % number for number in range(count))
    found = read_native_model(b"<NativeDicomModel " + attributes + b"/>")
    assert found == ({} if is_read else None)
