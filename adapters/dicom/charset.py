"""Encodes and decodes text in the character sets of a data set (PS3.3 C.12.1.1.2, PS3.5 6.1)."""

import re
import warnings
from collections.abc import Sequence

DELIMITERS = {b"PN": r"([\^=])", b"LT": r"([\r\n\t\f])", b"ST": r"([\r\n\t\f])", b"UT": r"([\r\n\t\f])"}
"""The initial character set must be active again before these delimiters (PS3.5 6.1.2.5.3)."""
DEFAULT = {"", "ISO_IR 6", "ISO 2022 IR 6"}


def encode(text: str, vr: bytes, names: Sequence[str]) -> bytes | None:
    """Return *text*, one value, in the character sets *names*; None if they lack one of its characters."""
    if text.isascii():
        return text.encode("ascii")
    names = list(names) or [""]
    if set(names) <= DEFAULT:
        return None
    pieces = re.split(DELIMITERS[vr], text) if vr in DELIMITERS else [text]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom's warnings quote the text that it cannot encode
        try:
            return _encoded(text, pieces, names)
        except (LookupError, ValueError):
            return None


def decode(value: bytes, names: Sequence[str]) -> str:
    """Return the text of *value*; as Latin-1 if the character sets *names* cannot decode it."""
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _decoded(value, _encodings(list(names) or [""]))
        except (LookupError, ValueError):
            return value.decode("latin-1")


def _encodings(names: list[str]) -> list[str]:
    from pydicom.charset import convert_encodings  # noqa: PLC0415  pydicom takes 9 MiB

    return list(convert_encodings(names))


def _encoded(text: str, pieces: list[str], names: list[str]) -> bytes | None:
    from pydicom.charset import encode_string  # noqa: PLC0415  likewise

    encodings = _encodings(names)
    if "iso8859" in encodings and "latin_1" not in encodings and re.search("[\x80-\xff]", text):
        return None  # pydicom would encode the default repertoire as Latin-1
    value = b"".join(encode_string(piece, encodings) for piece in pieces)
    return value if _decoded(value, encodings) == text else None


def _decoded(value: bytes, encodings: list[str]) -> str:
    from pydicom.charset import decode_bytes  # noqa: PLC0415  likewise

    return str(decode_bytes(value, encodings, {ord(each) for each in "\\^=\r\n\t\f"}))
