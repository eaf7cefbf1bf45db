"""MD5 and CRC32C."""

import base64
from pathlib import Path

import pytest

from gateway.sandbox.storage.digests import Digests, digests_of, extend_slowly, hashes_of


def test_check_value() -> None:
    """The check value of CRC-32C is E3069283 (RFC 3720 B.4: the same polynomial)."""
    assert 0xE3069283 == extend_slowly(0, b"123456789")
    assert 0xE3069283 == extend_slowly(extend_slowly(0, b"1234"), b"56789")
    assert 0x8A9136AA == extend_slowly(0, bytes(32))  # RFC 3720 B.4: 32 octets of zeroes: aa 36 91 8a


def test_texts(tmp_path: Path) -> None:
    """The digests are base64, the CRC in the order of the network."""
    found = Digests()
    found.update(b"1234")
    found.update(b"56789")
    assert base64.b64encode(bytes.fromhex("e3069283")).decode() == found.crc32c
    assert base64.b64encode(bytes.fromhex("25f9e794323b453885f5181f1b624d0b")).decode() == found.md5
    path = tmp_path / "x"
    path.write_bytes(b"123456789")
    assert (found.md5, found.crc32c) == (digests_of(path).md5, digests_of(path).crc32c)


def test_the_library_agrees() -> None:
    """The library gives the same as the slow way."""
    library = pytest.importorskip("google_crc32c", reason="google-crc32c is not installed: install hilum[sandbox]")
    data = bytes(range(256)) * 5
    assert library.extend(0, data) == extend_slowly(0, data)


def test_header() -> None:
    """A header names several digests; base64 ends with equals signs."""
    assert {"crc32c": "AAAA==", "md5": "BB=="} == hashes_of("crc32c=AAAA==, md5=BB==")
    assert {} == hashes_of("")
