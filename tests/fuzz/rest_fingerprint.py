"""The comparison with what a store holds: true for the very same data set, however it is cut or wrapped."""

from collections.abc import Iterable

from adapters.rest.fingerprint import Comparison, DataSetDigest, Fingerprint, part_start
from tests.fuzz.source import Source, cut

PREFIX, SUFFIX = b"--b\r\nContent-Type: application/dicom\r\n\r\n", b"\r\n--b--\r\n"
HEADER = bytes(128) + b"DICM\x02\x00\x00\x00UL\x04\x00\x00\x00\x00\x00"


def target(data: bytes) -> None:
    """Take the octets once as a file of ours, once as a store's reply."""
    source = Source(data)
    sizes, change = source.sizes(), source.octet()
    reply = source.rest()
    file = HEADER + reply  # as every file of ours begins
    expected = _digest([file])
    assert expected.length == len(reply)
    assert expected == _digest(cut(file, sizes), expected.key)
    other = _digest([reply])
    assert other == _digest(cut(reply, sizes), other.key)
    wrapped = PREFIX + file + SUFFIX
    for pieces in ([file], cut(file, sizes), [wrapped], cut(wrapped, sizes)):
        assert _same(expected, pieces)
    assert not _same(expected, cut(file + bytes([change]), sizes))
    assert not reply or not _same(expected, [file[:-1]])
    assert _same(expected, [reply]) == _same(expected, cut(reply, sizes))
    assert part_start(reply) is None or 0 <= (part_start(reply) or 0) <= len(reply)


def _digest(pieces: Iterable[bytes], key: bytes | None = None) -> Fingerprint:
    digest = DataSetDigest(key)
    for piece in pieces:
        digest.update(piece)
    return digest.finish()


def _same(expected: Fingerprint, pieces: Iterable[bytes]) -> bool:
    comparison = Comparison(expected)
    for piece in pieces:
        if not comparison.update(piece):
            break
    return comparison.is_same()
