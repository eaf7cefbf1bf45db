"""Content codings of a reply (RFC 9110 8.4): gzip and deflate are decoded, every other name is ignored.

Hilum asks for no coding (``Accept-Encoding: identity``), but some proxies compress anyway, write the names as they
like, leave the field empty, put a character set into it, or keep it after they have decoded the body. Such replies are
read nevertheless: a body that is not in the coding that the field names is taken as it is.
"""

import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

PIECE = 64 * 1024
"""Most octets that are decompressed at once, so that the caller can stop in between."""
MOST = 4
"""Most codings on top of each other; more are only seen in attacks."""
GZIP_MAGIC = b"\x1f\x8b"  # RFC 1952 2.3.1
ZLIB_METHOD = 8  # RFC 1950 2.2
GZIP, ZLIB, RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS

Undecodable = zlib.error


class Inflater:
    """Decodes one coding of a body that arrives in pieces."""

    def __init__(self, coding: str) -> None:
        self._is_gzip = coding != "deflate"
        self._head = b""
        self._is_plain = self._is_over = False
        self._zlib: zlib._Decompress | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the body is complete, as far as its format tells."""
        return self._is_plain or (self._zlib.eof if self._zlib is not None else not self._head)

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Yield the decoded octets of *data*; raises Undecodable."""
        if self._zlib is None and not self._is_plain:
            data = self._head + data
            if len(data) < len(GZIP_MAGIC):
                self._head = data
                return
            self._head = b""
            self._begin(data)
        if self._is_plain:
            yield data
        else:
            yield from self._inflate(data)

    def rest(self) -> Iterator[bytes]:
        """Yield a body that is too short to be compressed."""
        if self._head:
            self._is_plain = True
            yield self._head

    def _begin(self, data: bytes) -> None:
        if self._is_gzip:
            self._is_plain = not data.startswith(GZIP_MAGIC)
            self._zlib = None if self._is_plain else zlib.decompressobj(GZIP)
            return
        # "deflate" means the zlib format (RFC 9110 8.4.1.2), but many servers send the deflate stream without it.
        is_zlib = data[0] & 0xF == ZLIB_METHOD and int.from_bytes(data[:2], "big") % 31 == 0
        self._zlib = zlib.decompressobj(ZLIB if is_zlib else RAW)

    def _inflate(self, data: bytes) -> Iterator[bytes]:
        inflater = self._zlib
        while data and inflater is not None:
            if inflater.eof:  # RFC 1952 2.2: members follow one another; anything else behind the last is padding
                self._is_over = self._is_over or not (self._is_gzip and data.startswith(GZIP_MAGIC[:1]))
                if self._is_over:
                    return
                inflater = self._zlib = zlib.decompressobj(GZIP)
            yield inflater.decompress(data, PIECE)
            data = inflater.unused_data if inflater.eof else inflater.unconsumed_tail


class Decoder:
    """Decodes all codings that *names*, the values of the fields Content-Encoding, list."""

    def __init__(self, names: Iterable[str]) -> None:
        tokens = [token.strip().lower() for name in names for token in name.split(",")]
        known = [token for token in tokens if token in {"gzip", "x-gzip", "deflate"}]
        self.is_absurd = len(known) > MOST
        self._inflaters = [Inflater(coding) for coding in reversed(known[:MOST])]

    def __bool__(self) -> bool:
        return bool(self._inflaters)

    @property
    def is_whole(self) -> bool:
        """Whether the body is complete, as far as its formats tell."""
        return all(inflater.is_whole for inflater in self._inflaters)

    def decode(self, pieces: Iterable[bytes], *, ended: bool = False) -> Iterator[bytes]:
        """Yield the decoded octets of *pieces*, and what is left once the body has *ended*; raises Undecodable."""
        for inflater in self._inflaters:
            pieces = chain.from_iterable(map(inflater.decode, pieces))
            if ended:
                pieces = chain(pieces, _later(inflater))
        return iter(pieces)


def _later(inflater: Inflater) -> Iterator[bytes]:
    yield from inflater.rest()
