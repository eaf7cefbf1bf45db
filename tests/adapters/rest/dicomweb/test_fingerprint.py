"""Two files with the same data set have the same fingerprint, however they come."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.dicomweb.fingerprint import NONCE, Comparison, DataSetDigest, Fingerprint
from adapters.rest.dicomweb.multipart import Related


def part10(data_set: bytes, meta: bytes = b"\x02\x00\x10\x00UI\x04\x001.2\0") -> bytes:
    """Return a Part 10 file."""
    return bytes(128) + b"DICM\x02\x00\x00\x00UL\x04\x00" + len(meta).to_bytes(4, "little") + meta + data_set


def cut(data: bytes, size: int) -> list[bytes]:
    """Return *data* in pieces of *size*."""
    return [data[start : start + size] for start in range(0, len(data), size)]


KEY = bytes(range(16))


def fingerprint_of(data: bytes, size: int = 1_000_000, key: bytes | None = KEY) -> Fingerprint:
    """Return the fingerprint of the data set in the file *data*."""
    digest = DataSetDigest(key)
    for piece in cut(data, size):
        digest.update(memoryview(piece))
    return digest.finish()


def expected(data_set: bytes) -> Fingerprint:
    """Return the fingerprint of *data_set*, computed by the one-shot interface: the tag of an empty ciphertext."""
    return Fingerprint(len(data_set), KEY, AESGCM(KEY).encrypt(NONCE, b"", data_set))


@given(st.binary(max_size=200).map(b"\x08\x00".__add__), st.binary(max_size=300).map(b"x".__add__), st.integers(1, 500))
def test_only_the_data_set_counts(data_set: bytes, meta: bytes, size: int) -> None:
    """Neither the File Meta Information nor the cuts make a difference."""
    assert expected(data_set) == fingerprint_of(part10(data_set, meta), size)


@pytest.mark.parametrize("data", [b"", b"short", bytes(144), b"x" * 1000], ids=len)
def test_no_file_meta_information(data: bytes) -> None:
    """Without File Meta Information the whole file counts."""
    assert expected(data) == fingerprint_of(data)


def test_keys_are_not_used_twice() -> None:
    """Two fingerprints of one data set have keys of their own, so that a tag tells nothing about another instance."""
    first, second = fingerprint_of(b"same", key=None), fingerprint_of(b"same", key=None)
    assert first.key != second.key
    assert first.tag != second.tag


def compare(expected: bytes, reply: bytes, size: int) -> bool:
    """Return whether *reply*, coming in pieces, is the file *expected*."""
    comparison = Comparison(fingerprint_of(expected, key=None))
    for piece in cut(reply, size):
        if not comparison.update(piece):
            break
    return comparison.finish()[0]


RELATED = Related("b0und", "application/dicom")
OURS = part10(b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100" * 20)
THEIRS = part10(OURS[-360:], b"another header")


def framed(instance: bytes) -> bytes:
    """Return a multipart reply."""
    return RELATED.prefix + instance + RELATED.suffix


REPLIES = {
    "alone": (OURS, True),
    "alone, another header": (THEIRS, True),
    "in a part": (framed(OURS), True),
    "in a part, another header": (framed(THEIRS), True),
    "after an empty line": (b"\r\n" + framed(OURS), True),
    "one octet differs": (framed(OURS[:-1] + b"1"), False),
    "shorter": (framed(OURS[:-1]), False),
    "longer": (framed(OURS + b"0"), False),
    "longer, alone": (OURS + b"0", False),
    "much longer": (framed(OURS + bytes(100_000)), False),
    "without an end": (RELATED.prefix + OURS, False),
    "empty": (b"", False),
    "a part without a header": (b"--" + bytes(100_000), False),
    "an error page": (b"<html>" * 1000, False),
}


@pytest.mark.parametrize("size", [1, 7, 200, 1_000_000])
@pytest.mark.parametrize(("reply", "same"), REPLIES.values(), ids=REPLIES)
def test_comparison(reply: bytes, same: bool, size: int) -> None:
    """Only the same data set is the same, alone or in a part, however the reply was cut."""
    assert same == compare(OURS, reply, size)


def test_comparison_stops() -> None:
    """A reply that goes on after the instance is not read to its end."""
    comparison = Comparison(fingerprint_of(OURS))
    assert comparison.update(OURS)
    assert not comparison.update(bytes(100_000))


def test_transfer_syntax() -> None:
    """The comparison tells in which transfer syntax the instance is held."""
    held = part10(b"other", b"\x02\x00\x10\x00UI\x12\x001.2.840.10008.1.2\0")
    comparison = Comparison(fingerprint_of(OURS))
    comparison.update(held)
    assert (False, "1.2.840.10008.1.2") == comparison.finish()
    assert "1.2" == fingerprint_of(OURS).transfer_syntax
