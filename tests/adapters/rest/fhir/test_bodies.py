"""FHIR in JSON."""

import pytest

from adapters.rest.fhir.bodies import UNREADABLE, copied, decode, encode, is_same, linked, references

DIGITS = b'{"a":4.10,"b":0.000,"c":1.0E+2,"d":123456789012345678901234567890,"e":-0.50}'
SMALL = b'{"f":0.00000010,"g":0.0000000,"h":1e-9}'


def test_digits() -> None:
    """Numbers keep their digits."""
    assert [DIGITS, SMALL] == [encode(decode(each)) for each in (DIGITS, SMALL)]


@pytest.mark.parametrize("octets", [b"", b"{", b'"\xff"', b"[" * 100_000, b"NaN"])
def test_no_json(octets: bytes) -> None:
    """Octets that are no JSON raise one of the known errors."""
    with pytest.raises(UNREADABLE):
        decode(octets)


def test_same() -> None:
    """Neither the order of names nor trailing zeros count: what a server does not keep is not written each time."""
    assert is_same(decode(b'{"a":1,"b":4.10}'), decode(b'{"b":4.10,"a":1}'))
    assert is_same(decode(b"[4.10,4.0]"), decode(b"[4.1,4]"))
    assert not is_same(decode(b"4.10"), decode(b"4.11"))
    assert not is_same([1, 2], [2, 1])


def test_links() -> None:
    """References are rewritten, and not an identifier with the same text."""
    value = {"reference": "urn:a", "identifier": {"value": "urn:a"}, "list": [{"reference": "urn:b"}]}
    expected = {"reference": "Patient/1", "identifier": {"value": "urn:a"}, "list": [{"reference": "urn:b"}]}
    assert expected == linked(value, {"urn:a": "Patient/1"})
    assert {"urn:a", "urn:b"} == references(value)


def test_copied() -> None:
    """A copy can be changed."""
    value = {"a": [{"b": 1}]}
    made = copied(value)
    made["a"][0]["b"] = 2
    assert {"a": [{"b": 1}]} == value
