"""The data set in a response is found in every wrapping."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.dicomweb.stow_body import MOST_PARTS, is_data_set, is_empty, media_type_of, read_body
from adapters.rest.http.reply import MOST_OCTETS, Reply

JSON, XML, RELATED = "application/dicom+json", "application/dicom+xml", "multipart/related; boundary=b"
VALUE = {"00081190": {"vr": "UR", "Value": ["x"]}}
OCTETS = b'{"00081190": {"vr": "UR", "Value": ["x"]}}'
MODEL = b'<NativeDicomModel><DicomAttribute tag="00081190" vr="UR"><Value>x</Value></DicomAttribute></NativeDicomModel>'
PREFIXED = MODEL.replace(b"</", b"</d:").replace(b"<", b"<d:").replace(b"<d:/d:", b"</d:")
MARK = b"\xef\xbb\xbf"


def part(content_type: bytes, body: bytes, end: bytes = b"\r\n") -> bytes:
    """Return *body* as the only part of a multipart body."""
    return end.join((b"--b", b"Content-Type: " + content_type, b"", body, b"--b--", b""))


BODIES: dict[str, tuple[str, bytes, bool]] = {
    "JSON": (JSON, OCTETS, True),
    "JSON, its type in capitals": ("Application/DICOM+JSON; charset=utf-8", OCTETS, True),
    "JSON after a byte order mark": (JSON, MARK + OCTETS, True),
    "JSON in UTF-16": (JSON, OCTETS.decode().encode("utf-16"), True),
    "JSON by another name": ("application/json", OCTETS, False),
    "JSON in a part": (RELATED, part(JSON.encode(), OCTETS), True),
    "JSON in a part, lines end with LF": (RELATED, part(JSON.encode(), OCTETS, b"\n"), True),
    "JSON in a part by another name": (RELATED, part(b"text/plain", OCTETS), False),
    "XML": (XML, MODEL, True),
    "XML after a byte order mark": (XML, MARK + MODEL, True),
    "XML in UTF-16": (XML, MODEL.decode().encode("utf-16"), True),
    "XML with a prefix": (XML, PREFIXED.replace(b"Model>", b'Model xmlns:d="x">', 1), True),
    "XML in a part": (RELATED, part(XML.encode(), MODEL), True),
}


@pytest.mark.parametrize(("content_type", "body", "named"), BODIES.values(), ids=BODIES)
def test_body(content_type: str, body: bytes, named: bool) -> None:
    """The value is read with any Content-Type; only the right one makes it a store's success."""
    reply = Reply(200, {"Content-Type": content_type}, body)
    value = read_body(reply)
    assert isinstance(value, dict)
    assert ["00081190"] == list(value)
    assert named == is_data_set(reply, value)


def test_latin_1() -> None:
    """JSON whose octets are no UTF-8 is read too."""
    assert {"x": "\xe9"} == read_body(Reply(200, {}, b'{"x": "\xe9"}'))


@pytest.mark.parametrize("value", [None, [], "x", {"error": {}}, {"0008119a": {}}, {"00081198": []}], ids=str)
def test_no_data_set(value: object) -> None:
    """An object with other names than tags, or other values than attributes, is no data set."""
    assert not is_data_set(Reply(200, {"Content-Type": JSON}, b""), value)


def test_all_parts() -> None:
    """Several parts make a list of what each of them says."""
    body = part(JSON.encode(), OCTETS).removesuffix(b"--b--\r\n") + part(XML.encode(), MODEL)
    reply = Reply(200, {"Content-Type": RELATED}, body)
    value = read_body(reply)
    assert isinstance(value, list)
    assert [["00081190"], ["00081190"]] == [list(each) for each in value]
    assert not is_data_set(reply, value)


def test_too_many_parts() -> None:
    """No more parts are read than a request has instances."""
    body = b"--b\r\n\r\n{}\r\n" * (MOST_PARTS + 5)
    value = read_body(Reply(200, {"Content-Type": RELATED}, body))
    assert isinstance(value, list)
    assert MOST_PARTS == len(value)


@given(st.binary(), st.text())
def test_never_raises(body: bytes, boundary: str) -> None:
    """Any octets are read without an error, in parts or in one."""
    for octets in (body, b"--b\r\n" + body + b"\r\n--b"):
        read_body(Reply(200, {"Content-Type": f"multipart/related; boundary={boundary}"}, octets))


def test_empty() -> None:
    """White space counts as no body."""
    assert is_empty(Reply(200, {}, b" \r\n"))
    assert not is_empty(Reply(200, {}, b"{}"))


def test_media_type() -> None:
    """Parameters and case are not part of the media type."""
    assert JSON == media_type_of(" Application/dicom+json ; charset=utf-8")


@pytest.mark.parametrize("content_type", [JSON, XML, RELATED])
def test_long_body(content_type: str) -> None:
    """A body longer than any verdict is not read, in any format."""
    body = b" " * MOST_OCTETS + (MODEL if content_type == XML else part(JSON.encode(), OCTETS))
    assert read_body(Reply(200, {"Content-Type": content_type}, body)) is None
