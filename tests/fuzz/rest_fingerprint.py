"""The comparison with what a store holds: true for the very same data set, however it is cut or wrapped."""

from collections.abc import Iterable

from adapters.rest.dicomweb.content import UNCOMPRESSED, ContentDigest
from adapters.rest.dicomweb.file_meta import TRANSFER_SYNTAX_UID
from adapters.rest.dicomweb.fingerprint import Comparison, DataSetDigest, Fingerprint
from adapters.rest.dicomweb.part_reader import find_part
from tests.fuzz.source import Source, cut

BOUNDARY = b"--7a1c5d0e"
PREFIX, SUFFIX = BOUNDARY + b"\r\nContent-Type: application/dicom\r\n\r\n", b"\r\n" + BOUNDARY + b"--\r\n"
HEADER = bytes(128) + b"DICM\x02\x00\x00\x00UL\x04\x00\x00\x00\x00\x00"


def target(data: bytes) -> None:
    """Take the octets once as a file of ours, once as a store's reply."""
    source = Source(data)
    sizes, change = source.sizes(), source.octet()
    reply = source.rest().replace(BOUNDARY, b"")
    file = HEADER + reply  # as every file of ours begins
    expected = _digest([file])
    assert expected.length <= len(reply)
    assert expected == _digest(cut(file, sizes), expected.key)
    other = _digest([reply])
    assert other == _digest(cut(reply, sizes), other.key)
    wrapped = PREFIX + file + SUFFIX
    for pieces in ([file], cut(file, sizes), [wrapped], cut(wrapped, sizes)):
        assert _same(expected, pieces)
    assert not _same(expected, cut(file + bytes([change]), sizes))
    assert not reply or not _same(expected, [file[:-1]])
    assert _same(expected, [reply]) == _same(expected, cut(reply, sizes))
    _check_content(reply, sizes)
    assert 0 <= (find_part(reply) or (0, None))[0] <= len(reply)


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
    return comparison.finish()[0]


def _check_content(data_set: bytes, sizes: bytes) -> None:
    """Take the octets as a data set in every syntax; its content does not depend on how it comes."""
    for syntax in sorted(UNCOMPRESSED):
        uid = syntax.encode() + b"\0" * (len(syntax) % 2)
        meta = TRANSFER_SYNTAX_UID + b"UI" + len(uid).to_bytes(2, "little") + uid
        file = HEADER[:-4] + len(meta).to_bytes(4, "little") + meta + data_set
        assert _content([file]) == _content(cut(file, sizes))


def _content(pieces: Iterable[bytes]) -> Fingerprint | None:
    digest = ContentDigest(bytes(16))
    for piece in pieces:
        digest.update(piece)
    return digest.finish()
