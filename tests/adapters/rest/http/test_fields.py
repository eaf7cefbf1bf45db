"""Header fields: read at the first question, from the final head alone."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.rest.http.fields import MAX_FIELDS, FieldReader, Fields, UnreadFields
from adapters.rest.http.http1 import ReplyReader
from adapters.rest.http.reply_length import settle_length

HEADS = {
    "a head": b"HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\n\r\n",
    "lines that end with LF": b"HTTP/1.1 200 OK\nA: 1\nB: 2\n\n",
    "an interim head before it": b"HTTP/1.1 100 Continue\r\nC: 3\r\n\r\nHTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\n\r\n",
    "a body that looks like a field": b"HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nContent-Length: 6\r\n\r\nC: 3\r\n",
    "a trailer": b"HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nC: 3\r\n\r\n",
    "a malformed body": b"HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nTransfer-Encoding: chunked\r\n\r\nC: 3\r\n",
    "another reply behind it": b"HTTP/1.1 204 No\r\nA: 1\r\nB: 2\r\n\r\nHTTP/1.1 200 OK\r\nC: 3\r\nA: 4\r\n\r\n",
    "an interim head behind it": b"HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nContent-Length: 0\r\n\r\n"
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nC: 3\r\n\r\n",
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


LINES = st.sampled_from(
    [
        b"A: 1",
        b"a:2 ",
        b"B:",
        b"B: \t x y\t",
        b"C : 1",
        b"D: \xff",
        b" folded",
        b"Content-Length: 0",
        b"E: a:b",
        b"_: 1",
        b"F",
        b"",
    ]
)
STATUSES = st.sampled_from(
    [b"HTTP/1.1 200 OK", b"HTTP/1.0 404 No", b"HTTP/1.1 204 ", b"HTTP/1.1 500", b"HTTP/1.1 101 S", b"X"]
)
ENDS = st.sampled_from([b"\r\n"] * 6 + [b"\n", b"\r"])


@given(
    STATUSES,
    st.lists(st.tuples(LINES, ENDS), max_size=6),
    st.sampled_from([b"\r\n", b"\n", b""]),
    st.binary(max_size=9),
)
@example(b"HTTP/1.1 200 OK", [(b"Content-Length: 0", b"\r\n")] * 2 + [(b"A: 1", b"\r\n")], b"\r\n", b"")
def test_usual_heads(status: bytes, lines: list[tuple[bytes, bytes]], end: bytes, behind: bytes) -> None:
    """The fields of a head that the parser accepts are those that the parser finds, whether or not it is used."""
    octets = status + b"\r\n" + b"".join(map(b"".join, lines)) + end + behind
    reader = ReplyReader(1000)
    reader.receive_data(octets)
    if reader.status:
        # The parser alone refuses a head with the same length twice; the reader gives it one with one length.
        octets = settle_length(octets) or octets
        assert dict(Fields(FieldReader().read(octets))) == dict(UnreadFields(octets))
