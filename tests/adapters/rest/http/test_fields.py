"""Header fields: read at the first question, from the final head alone."""

import pytest

from adapters.rest.http.fields import MAX_FIELDS, Fields, UnreadFields

HEADS = {
    "a head": b"HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\n\r\n",
    "lines that end with LF": b"HTTP/1.1 200 OK\nA: 1\nB: 2\n\n",
    "an interim head before it": b"HTTP/1.1 100 Continue\r\nC: 3\r\n\r\nHTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\n\r\n",
    "a body that looks like a field": b"HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nContent-Length: 6\r\n\r\nC: 3\r\n",
    "a trailer": b"HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nC: 3\r\n\r\n",
    "a malformed body": b"HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nTransfer-Encoding: chunked\r\n\r\nC: 3\r\n",
    "another reply behind it": b"HTTP/1.1 204 No\r\nA: 1\r\nB: 2\r\n\r\nHTTP/1.1 200 OK\r\nC: 3\r\nA: 4\r\n\r\n",
}


def test_fields() -> None:
    """The first of several fields counts, in any case, without the space around it."""
    fields = Fields([(b"Retry-After", b"7 \t"), (b"retry-after", b"8"), (b"X", b"\xff")])
    assert ("7", "7", 2) == (fields["retry-AFTER"], fields.get("Retry-After"), len(fields))
    assert {"x", "retry-after"} == set(fields)
    assert None is fields.get("age")


@pytest.mark.parametrize("octets", HEADS.values(), ids=HEADS)
def test_unread_fields(octets: bytes) -> None:
    """The fields are those of the final head, whatever came before and behind it."""
    fields = UnreadFields(octets)
    assert ("1", "2", "1", None) == (fields.get("a"), fields["B"], fields.get("A", ""), fields.get("C"))
    assert {"a", "b"} == set(fields) - {"content-length", "transfer-encoding"}


def test_all_of_a_name() -> None:
    """Each of several fields with one name can be asked for; a name is mentioned if it is anywhere in the octets."""
    fields = UnreadFields(b"HTTP/1.1 200 OK\r\nA: 1\r\na: B\r\n\r\n")
    assert ([b"1", b"B"], []) == (fields.all_of(b"a"), fields.all_of(b"b"))
    assert (True, True, False) == (fields.mentions(b"a"), fields.mentions(b"b"), fields.mentions(b"c"))


def test_a_name_beyond_latin_1() -> None:
    """No field has such a name."""
    assert None is UnreadFields(b"HTTP/1.1 200 OK\r\nA: 1\r\n\r\n").get("\u9662")


def test_most_fields() -> None:
    """Of too many fields the first ones are kept."""
    assert MAX_FIELDS == len(
        UnreadFields(b"HTTP/1.1 200 OK\r\n" + b"".join(b"%d:\r\n" % n for n in range(20_000)) + b"\r\n")
    )
