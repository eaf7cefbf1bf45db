"""Where headers are."""

from time import process_time

import pytest

from adapters.hl7.splitting import Headers, Place, headers

MOST = 10
A = b"MSH|^~\\&|A|||||2024|ADT^A01\rPID|1\r"
QUOTE = b"MSH|^~\\&|LAB|||||2024|ORU^R01"

PLACES = {
    "one message": (A, [Place(0, 0)]),
    "two": (A * 2, [Place(0, 0), Place(34, 34)]),
    "a gap": (A + b"\0\f" + A, [Place(0, 0), Place(36, 34)]),
    "a blank at the end of the last field": (A[:-1] + b" \r\0" + A, [Place(0, 0), Place(36, 35)]),
    "a batch": (b"BHS|\r" + A + b"BTS|1\r", [Place(0, 0), Place(5, 5), Place(39, 39)]),
    "a trailer behind a message": (A + b"BTS|1\r", [Place(0, 0), Place(34, 34)]),
    "trailers that are names alone": (A + b"BTS\rFTS", [Place(0, 0), Place(34, 34), Place(38, 38)]),
    "a longer name": (A + b"BTSX\rBTS1|\r", [Place(0, 0)]),
    "a header of a batch in a message": (A + b"BHS|1\r", [Place(0, 0)]),
    "the end that each header has": (
        A + A.replace(b"\r", b"\n") + b"BTS|1\n" + A,
        [Place(0, 0), Place(34, 34), Place(68, 68), Place(74, 74)],
    ),
    "nothing that may be first": (b"EVN|\r" + A, [Place(5, 5)]),
}


@pytest.mark.parametrize(("data", "places"), PLACES.values(), ids=PLACES)
def test_places(data: bytes, places: list[Place]) -> None:
    """A header begins after a segment end; the octets between the two belong to no message."""
    assert Headers(places) == headers(data, 0, "any", MOST)


HEADERS = {
    "a whole header": (QUOTE + b"\r", True, True),
    "at the end of the block": (QUOTE, True, True),
    "a type of letters and digits": (QUOTE.replace(b"ORU^R01", b"Z01") + b"\r", True, True),
    "one that a line feed ends": (QUOTE + b"\n", False, True),
    "no type": (QUOTE[:-7] + b"\r", False, True),
    "a type that is none": (QUOTE.replace(b"ORU^R01", b"Order") + b"\r", False, True),
    "a type in lower case": (QUOTE.replace(b"ORU", b"oru") + b"\r", False, True),
    "no delimiters": (QUOTE.replace(b"^~\\&", b"A") + b"\r", False, False),
    "empty fields": (QUOTE.replace(b"^~\\&", b"|||") + b"\r", False, False),
    "a type that comes late": (QUOTE.replace(b"LAB", b"L" * 2000) + b"\r", False, True),
}
TEXTS = [b"OBX|1|TX|||", b"NTE|1||", b"TXA|1|", b"ADD|", b"DSP|1||", b"\nOBX|1|ED|"]
OTHERS = [b"PID|1|", b"PV1|1|I|", b"ZPI|", b"ERR|", b"XOBX|"]
BEFORE = [b"", b"see ", b"\n", b"|", b"\nOBX|"]


@pytest.mark.parametrize(("quote", "unclear", "unclear_elsewhere"), HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("before", BEFORE, ids=["nothing", "text", "a line feed", "a field", "a line"])
def test_unclear(before: bytes, quote: bytes, *, unclear: bool, unclear_elsewhere: bool) -> None:
    """In a text only a whole header is unclear; in other segments its delimiters are enough."""
    for segment in TEXTS:
        assert Headers([Place(0, 0)], unclear=unclear) == headers(A + segment + before + quote, 0, "any", MOST)
    for segment in OTHERS:
        found = headers(A + segment + before + quote, 0, "any", MOST)
        assert Headers([Place(0, 0)], unclear=unclear_elsewhere) == found


def test_a_wide_gap() -> None:
    """A header after too wide a gap is unclear."""
    assert Headers([Place(0, 0)], unclear=True) == headers(A + b"\0" * 300 + A[:9], 0, "any", MOST)


def test_a_text_ends() -> None:
    """For each possible header, the name of its own segment counts."""
    texts = (b"OBX|1|TX|||" + QUOTE + b"\n|\r") * 3
    assert not headers(A + texts, 0, "any", MOST).unclear
    assert headers(A + texts + b"PV1|" + QUOTE[:-7] + b"\r", 0, "any", MOST).unclear
    assert headers(A + b"PV1|" + QUOTE[:-7] + b"\r" + texts, 0, "any", MOST).unclear
    assert not headers(A + b"PV1|1\r" + texts, 0, "any", MOST).unclear


def test_in_lines() -> None:
    """In a file of one message per line, a whole header after a line feed begins a message."""
    assert Headers([Place(0, 0), Place(34, 34)]) == headers(A[:-1] + b"\n" + A, 0, "any", MOST, in_lines=True)
    assert [Place(0, 0)] == headers(A + b"NTE|see\nMSH|1\r", 0, "any", MOST, in_lines=True).places


@pytest.mark.parametrize("count", [MOST, MOST + 1])
def test_too_many(count: int) -> None:
    """The number of messages is limited; the segments of a batch around each do not count."""
    assert (count > MOST) == headers(A * count, 0, "any", MOST).too_many
    each = b"BHS|\r" + A + b"BTS|1\r"
    assert (count > MOST) == headers(b"FHS|\r" + each * count + b"FTS|1\r", 0, "any", MOST).too_many


def test_too_many_names() -> None:
    """The number of names that are examined in texts is limited."""
    assert not headers(A[:-1] + b"MSH|" * 1000, 0, "any", MOST).too_many
    assert headers(A[:-1] + b"MSH|" * 2000, 0, "any", MOST).too_many


LARGE = {
    "headers": b"MSH|^~\\&|" * 2_000_000,
    "names": b"MSH" * 5_000_000,
    "names in lines": b"\rMSH" * 5_000_000,
    "headers in texts": A + (b"OBX|" + QUOTE + b"\n\r") * 400_000,
    "headers in one text": A + b"OBX|" + (QUOTE + b"\n") * 400_000,
    "segment ends": A + b"\r" * 20_000_000 + A,
}


@pytest.mark.parametrize("data", LARGE.values(), ids=LARGE)
def test_linear(data: bytes) -> None:
    """Any block takes time in proportion to its size."""
    started = process_time()
    headers(data, 0, "any", 10_000)
    assert process_time() - started < 5
