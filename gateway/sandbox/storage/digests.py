"""MD5 and CRC32C of an object, as Cloud Storage tells them: base64 of their octets."""

import base64
import hashlib
import struct
from collections.abc import Callable
from pathlib import Path

CHUNK = 1024 * 1024
_POLYNOMIAL = 0x82F63B78  # CRC32C, reflected (RFC 3720 B.4)


def _table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        crc = value
        for _ in range(8):
            crc = (crc >> 1) ^ (_POLYNOMIAL if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


TABLE = _table()


def extend_slowly(crc: int, data: bytes) -> int:
    """Return the CRC32C of what *crc* is of, and *data*; about 1 MB/s."""
    crc ^= 0xFFFFFFFF
    for octet in data:
        crc = TABLE[(crc ^ octet) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def _fastest() -> Callable[[int, bytes], int]:
    try:
        from google_crc32c import extend  # noqa: PLC0415  the extra `sandbox` may be absent
    except ImportError:
        return extend_slowly
    return extend  # type: ignore[no-any-return]


class Digests:
    """The digests of the octets that :meth:`update` was given."""

    def __init__(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._crc, self._extend = 0, _fastest()

    def update(self, data: bytes) -> None:
        """Add octets."""
        self._md5.update(data)
        self._crc = self._extend(self._crc, data)

    @property
    def md5(self) -> str:
        """As ``md5Hash`` and ``Content-MD5`` have it."""
        return base64.b64encode(self._md5.digest()).decode()

    @property
    def crc32c(self) -> str:
        """As ``crc32c`` has it: big-endian."""
        return base64.b64encode(struct.pack(">I", self._crc)).decode()


def digests_of(path: Path) -> Digests:
    """Read a file."""
    found = Digests()
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            found.update(data)
    return found


def hashes_of(header: str) -> dict[str, str]:
    """Return the digests that ``X-Goog-Hash`` names: ``crc32c=…,md5=…``."""
    pairs = (each.strip().partition("=") for each in header.split(","))
    return {name: value for name, _, value in pairs if value}
