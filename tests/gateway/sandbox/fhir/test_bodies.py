"""JSON without a loss."""

import pytest

from gateway.sandbox.fhir.bodies import read_json, write_json


@pytest.mark.parametrize("number", ["4.10", "0.0", "1234567890.12345678901234567890", "-0.5", "7", "1E+5"])
def test_digits(number: str) -> None:
    """A number is written with the digits it came with."""
    assert write_json(read_json(f'{{"a":{number}}}'.encode())) == f'{{"a":{number}}}'.encode()


@pytest.mark.parametrize("octets", [b"", b"{", b"\xff", b'{"a":NaN}', b"[" * 100_000])
def test_not_json(octets: bytes) -> None:
    """What is not JSON raises, without a word of it in the reason."""
    with pytest.raises(ValueError, match=r"^the body is not JSON$"):
        read_json(octets)


def test_byte_order_mark() -> None:
    """A byte order mark is skipped."""
    assert read_json(b"\xef\xbb\xbf{}") == {}
