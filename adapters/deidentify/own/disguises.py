"""What a disguised text says: letter by letter, as codes of its letters, encoded more than once, deflated."""

import binascii
import re
import zlib
from collections.abc import Collection, Iterator

SPELLED = re.compile(r"(?<!\S)(?:\S {1,3}){5,}\S(?!\S)")
"""Words or a date letter by letter, with a blank between two, and with three where one blank was."""
WIDE = re.compile("  +")
CODE = r"(?:\\[xu]\{|[uU]\+|0[xX])([0-9a-fA-F]{2,6})\}?[ ,;]*"
CODES = re.compile(f"(?:{CODE}){{4,}}")
ONE_CODE = re.compile(CODE)
OCTAL = re.compile(r"(?:\\[0-3][0-7]{2}){4,}")
DECIMAL = re.compile(r"(?<![\w.])(?:\d{2,3}[ ,;]{1,2}){4,}\d{2,3}(?![\w.])", re.ASCII)
"""Four numbers and more that may be codes of letters."""
BINARY = re.compile(r"(?:[01]{8}[ ]?){4,}")
TOKEN = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
URL_SAFE = str.maketrans("-_", "+/")
MOST_TOKENS, MOST_LAYERS, MOST_INFLATED = 16, 3, 64 * 1024
DEFLATED = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"\x1f\x8b")


FORMS = {"spelled": SPELLED, "codes": CODES, "octal": OCTAL, "decimal": DECIMAL, "binary": BINARY, "token": TOKEN}


def disguises_in(text: str) -> frozenset[str]:
    """Return the disguises that a text may have; most texts have none."""
    return frozenset(name for name, form in FORMS.items() if form.search(text))


def undisguised(text: str, disguises: Collection[str] = FORMS.keys()) -> Iterator[str]:
    """Yield what *text* may say besides itself, by those of the *disguises*; nothing for an ordinary text."""
    if "spelled" in disguises and SPELLED.search(text):
        yield SPELLED.sub(lambda found: " ".join(word.replace(" ", "") for word in WIDE.split(found[0])), text)
    if "codes" in disguises and CODES.search(text):
        yield ONE_CODE.sub(lambda found: _letter(found[1], 16), text)
    if "octal" in disguises and OCTAL.search(text):
        yield OCTAL.sub(lambda found: _letters(found[0].split("\\")[1:], 8), text)
    if "decimal" in disguises:
        for found in DECIMAL.findall(text):
            yield _letters(re.sub("[^0-9]+", " ", found).split(), 10)
    if "binary" in disguises:
        for found in BINARY.findall(text):
            yield _letters(re.findall("[01]{8}", found), 2)
    if "token" in disguises:
        for token in TOKEN.findall(text)[:MOST_TOKENS]:
            yield from _layers(token, MOST_LAYERS)


def _layers(token: str, left: int) -> Iterator[str]:
    """Yield what is below the first layer of an encoding; the first one is undone elsewhere."""
    for octets in _decoded(token):
        if octets.startswith(DEFLATED):
            try:
                inner = zlib.decompressobj(47).decompress(octets, MOST_INFLATED)
            except zlib.error:
                continue
            yield from (inner.decode("utf-8", "replace"), inner.decode("latin-1"))
        elif left and octets.isascii() and octets.decode().isprintable():
            yield octets.decode()
            for each in TOKEN.findall(octets.decode())[:MOST_TOKENS]:
                yield from _layers(each, left - 1)


def _decoded(token: str) -> Iterator[bytes]:
    bare = token.rstrip("=")
    if len(bare) % 2 == 0 and re.fullmatch("[0-9a-fA-F]+", bare):
        yield bytes.fromhex(bare)
    if len(bare) % 4 != 1:
        yield binascii.a2b_base64(bare.translate(URL_SAFE) + "=" * (-len(bare) % 4))


def _letters(codes: list[str], base: int) -> str:
    return "".join(_letter(each, base) for each in codes)


def _letter(digits: str, base: int) -> str:
    code = int(digits, base)
    return chr(code) if code < 0x110000 else " "
