"""JSON that every reader understands alike."""

import json
import tracemalloc

import pytest

from adapters.http.fhir.well_formed import MOST_DEPTH, NOT_JSON, NOT_UTF8, TOO_DEEP, TWICE, flaw_of, is_object

GOOD = {
    "an object": b'{"a": [1, 4.10, -0.0e5, true, null, "\\u00e9", {"a": {}}]}',
    "a list": b'[{"op": "test"}]',
    "the same name in two objects": b'[{"a": {"a": 1}}, {"a": 2}]',
    "white space around": b' \r\n\t{"a": ""}\n',
    "a number of many digits": b'{"a": ' + b"9" * 5000 + b"}",
    "just not too deep": b'{"a":' * (MOST_DEPTH - 1) + b"[]" + b"}" * (MOST_DEPTH - 1),
}
BAD = {
    "nothing": (b"", NOT_JSON),
    "two values": (b"{}{}", NOT_JSON),
    "a comma too many": (b'{"a": 1,}', NOT_JSON),
    "one quotation mark": (b"{'a': 1}", NOT_JSON),
    "a control character": (b'{"a": "\n"}', NOT_JSON),
    "no number": (b'{"a": NaN}', NOT_JSON),
    "an infinite number": (b'{"a": -Infinity}', NOT_JSON),
    "a number with a zero before it": (b'{"a": 01}', NOT_JSON),
    "a byte-order mark": (b"\xef\xbb\xbf{}", NOT_JSON),
    "not UTF-8": (b'{"a": "\xe9"}', NOT_UTF8),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), NOT_UTF8),
    "a surrogate in UTF-8": (b'{"a": "\xed\xa0\x80"}', NOT_UTF8),
    "a name twice": (b'{"a": 1, "b": 2, "a": 1}', TWICE),
    "a name twice, once escaped": (b'{"a": 1, "\\u0061": 1}', TWICE),
    "a name twice, far inside": (b'[{"x": [{"y": {"a": 1, "a": 2}}]}]', TWICE),
    "objects too deep": (b'{"a":' * (MOST_DEPTH + 1) + b"1" + b"}" * (MOST_DEPTH + 1), TOO_DEEP),
    "lists too deep": (b"[" * (MOST_DEPTH + 1) + b"]" * (MOST_DEPTH + 1), TOO_DEEP),
    "lists in objects too deep": (b'{"a":[' * MOST_DEPTH + b"]}" * MOST_DEPTH, TOO_DEEP),
    "far too deep": (b"[" * 1_000_000 + b"]" * 1_000_000, TOO_DEEP),
    "objects far too deep": (b'{"a":' * 500_000 + b"1" + b"}" * 500_000, TOO_DEEP),
}


@pytest.mark.parametrize("body", GOOD.values(), ids=GOOD)
def test_good(body: bytes) -> None:
    """What RFC 8259 allows is taken."""
    assert None is flaw_of(body)


@pytest.mark.parametrize(("body", "flaw"), BAD.values(), ids=BAD)
def test_bad(body: bytes, flaw: str) -> None:
    """What is no JSON, ambiguous or too deep is told by a fixed sentence."""
    assert flaw == flaw_of(body)


def test_objects() -> None:
    """A resource is an object."""
    assert [True, False, False] == [is_object(each) for each in (b' {"a": 1}', b"[{}]", b'"{"')]


def test_memory() -> None:
    """Reading a body with many values takes memory for the largest object only."""
    body = json.dumps([{"name": "x" * 20, "value": [number] * 5} for number in range(20_000)]).encode()
    tracemalloc.start()
    assert None is flaw_of(body)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 3 * len(body)
