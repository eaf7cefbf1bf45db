"""The frame around an instance."""

from email import message_from_bytes

from adapters.rest.multipart import Related

RELATED = Related("b0und", "application/dicom")


def test_frame() -> None:
    """An ordinary MIME parser finds exactly the part."""
    body = RELATED.prefix + b"DICM\r\n\x00" + RELATED.suffix
    parsed = message_from_bytes(b"Content-Type: " + RELATED.content_type.encode() + b"\r\n\r\n" + body)
    parts = list(parsed.walk())[1:]
    assert "application/dicom" == parsed.get_param("type")
    assert ["application/dicom"] == [part.get_content_type() for part in parts]
    assert [b"DICM\r\n\x00"] == [part.get_payload(decode=True) for part in parts]


def test_length() -> None:
    """The length of the whole is known when that of the part is."""
    assert len(RELATED.prefix + b"12345" + RELATED.suffix) == RELATED.length(5)
    assert RELATED.length(None) is None
