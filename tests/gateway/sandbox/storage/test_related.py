"""The body of a multipart upload."""

import pytest

from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage.related import Related, boundary_of


def body(content: bytes, end: bytes) -> bytes:
    """Return a body with lines that end with *end*."""
    lines = [
        b"--b",
        b"Content-Type: application/json",
        b"",
        b'{"name": "x"}',
        b"--b",
        b"Content-Type: a/b",
        b"",
        content,
    ]
    return end.join([*lines, b"--b--", b""])


CONTENTS = [b"", b"octets", b"\r\n", b"\n", b"\r", b"--", b"\n--", b"\r\n--\r\n-b", bytes(range(256)) * 3]


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
def test_cut(content: bytes, end: bytes, size: int) -> None:
    """The content does not depend on how the body was cut, and no octet at its end is lost."""
    whole, related, found = body(content, end), Related("b"), b""
    for at in range(0, len(whole), size):
        found += related.feed(whole[at : at + size])
    assert (content, b'{"name": "x"}', "a/b", True) == (
        found,
        related.resource,
        related.content_type,
        related.is_complete,
    )


def test_a_body_that_is_cut() -> None:
    """Without the last delimiter the body is not complete."""
    related = Related("b")
    related.feed(body(b"octets", b"\r\n")[:-9])
    assert not related.is_complete


def test_no_end_of_the_head() -> None:
    """A head that does not end is refused before it fills the memory."""
    related = Related("b")
    with pytest.raises(ReasonedError):
        related.feed(b"x" * 2_000_000)


def test_boundary() -> None:
    """A boundary may be quoted, also in the way of gcloud."""
    assert "=== 1" == boundary_of('multipart/related; boundary="=== 1"')
    assert "==1==" == boundary_of("multipart/related; boundary='==1=='")
    for wrong in ("multipart/related", "text/plain; boundary=x", ""):
        with pytest.raises(ReasonedError):
            boundary_of(wrong)
