"""Looks for identifiers in every octet of a file, by rules of its own: it shares nothing with the engine it judges.

Each identifier is spelled in many ways, each spelling is encoded in many ways, and the file is read as it is and with
each deflated stream in it inflated.
"""

import base64
import html
import quopri
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import permutations
from urllib.parse import quote

SEPARATORS = re.compile(r"[\^=\-' ,.]+")
SHORTEST_NAME, SHORTEST_NUMBER = 3, 5
ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be", "shift_jis", "gb18030", "euc_kr")
EXPANDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
PLAIN = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "Ä": "A", "Ö": "O", "Ü": "U", "ß": "s"})
ESCAPES = re.compile(rb"(?:[%=]|\\u00|\\x|&#[xX]0{0,4})(?P<digits>[0-9a-fA-F]{2});?|&#0{0,4}(?P<decimal>[0-9]{2,3});")
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass
class Answers:
    """The identifiers of one object, and what is no leak of them."""

    names: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    dates: set[date] = field(default_factory=set)
    uids: set[str] = field(default_factory=set)


def spellings(answers: Answers) -> Iterator[str]:
    """Yield each spelling of each identifier."""
    for name in answers.names:
        parts = [each for each in SEPARATORS.split(name) if len(each) >= SHORTEST_NAME or not each.isascii()]
        for part in parts:
            yield from (part, part.translate(EXPANDED), part.translate(PLAIN))
        for one, other in permutations(parts[:3], 2):
            yield from (f"{one}{other}", f"{one}^{other}", f"{one}, {other}")
    for number in answers.numbers:
        yield from (number, number.lstrip("0"), re.sub(r"\W", "", number))
    yield from answers.uids
    for day in answers.dates:
        y, m, d = f"{day.year:04}", f"{day.month:02}", f"{day.day:02}"
        yield from (f"{y}{m}{d}", f"{y}-{m}-{d}", f"{y}/{m}/{d}", f"{y}.{m}.{d}", f"{d}.{m}.{y}", f"{d}/{m}/{y}")
        yield from (f"{m}/{d}/{y}", f"{d}-{m}-{y}", f"{d}{m}{y}", f"{m}{d}{y}")
        for month in (MONTHS[day.month - 1], MONTHS[day.month - 1].upper()):
            yield from (f"{d} {month} {y}", f"{d}-{month}-{y}", f"{d}{month}{y}", f"{month} {day.day}, {y}")


def patterns(answers: Answers) -> dict[bytes, str]:
    """Return the octets to look for, in lower case where letters have cases, and what each would give away."""
    found: dict[bytes, str] = {}
    for text in set(spellings(answers)):
        if len(text) < (2 if not text.isascii() else SHORTEST_NUMBER if text[0].isdigit() else SHORTEST_NAME):
            continue
        for encoding in ENCODINGS:
            try:
                octets = text.encode(encoding)
            except UnicodeEncodeError:
                continue
            if len(octets) >= 3:
                found[octets.lower()] = text
    return found


def encoded(answers: Answers) -> dict[bytes, str]:
    """Return likewise what an encoding makes of a spelling: base64 at each offset, escapes."""
    found: dict[bytes, str] = {}
    for text in set(spellings(answers)):
        if len(text) < SHORTEST_NUMBER:
            continue
        for octets in {text.encode(), text.upper().encode(), text.lower().encode(), text.encode("utf-16-le")}:
            for offset in range(3):
                whole = base64.b64encode(b"x" * offset + octets)
                inner = whole[(offset * 8 + 5) // 6 : (offset + len(octets)) * 8 // 6]
                found[inner] = found[inner.translate(bytes.maketrans(b"+/", b"-_"))] = text
            found[octets.hex().encode()] = found[octets.hex().upper().encode()] = text
        for escape in (
            quote(text, safe=""), html.escape(text), quopri.encodestring(text.encode()).decode(),
            "".join(f"%{each:02X}" for each in text.encode()), "".join(f"={each:02X}" for each in text.encode()),
            "".join(f"&#{ord(each)};" for each in text), "".join(f"\\u{ord(each):04x}" for each in text),
        ):  # fmt: skip
            if escape != text:
                found[escape.encode()] = text
    return found


class Scanner:
    """The octets of one answer key, made once for many files."""

    def __init__(self, answers: Answers) -> None:
        self._plain, self._hidden = patterns(answers), encoded(answers)

    def leaks(self, file: bytes) -> set[str]:
        """Return the identifiers that stand in *file*, in any octet and any encoding."""
        found: set[str] = set()
        for octets in (file, unescaped(file), *inflated(file)):
            low = octets.lower()
            found |= {text for pattern, text in self._plain.items() if _stands(pattern, low)}
            found |= {text for pattern, text in self._hidden.items() if pattern in octets}
        return found


def leaks(file: bytes, answers: Answers) -> set[str]:
    """Return likewise what stands in a single file."""
    return Scanner(answers).leaks(file)


def unescaped(octets: bytes) -> bytes:
    """Return *octets* with each escape undone, of percent, quoted-printable, JSON and HTML: also one among letters."""
    return ESCAPES.sub(_letter, octets)


def _letter(found: re.Match[bytes]) -> bytes:
    decimal, digits = found.group("decimal"), found.group("digits")
    code = int(decimal) if decimal else int(digits, 16)
    return chr(code).encode("latin-1" if code < 256 else "utf-8", "replace") if code < 0x110000 else found[0]


def inflated(file: bytes) -> Iterator[bytes]:
    """Yield what the zlib and gzip streams in a file hold."""
    for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08", file):
        try:
            yield zlib.decompressobj(47).decompress(file[start.start() :], 2**20)
        except zlib.error:
            continue


def _stands(pattern: bytes, octets: bytes) -> bool:
    """Whether a pattern is there; one of less than five letters only where it is no part of a word, or digits."""
    if len(pattern) >= 5 and not pattern.isdigit():
        return pattern in octets
    at = octets.find(pattern)
    while at >= 0:
        beside = octets[max(at - 1, 0) : at] + octets[at + len(pattern) : at + len(pattern) + 1]
        if pattern.isdigit() and len(pattern) >= 5:
            if not re.search(rb"[0-9]", beside):
                return True
        elif not pattern.isascii():
            if len(pattern) >= 4 or _is_in_text(octets, at, pattern):
                return True
        elif pattern.isalpha() and not re.search(rb"[0-9a-z]", beside) and _is_in_text(octets, at, pattern):
            return True
        at = octets.find(pattern, at + 1)
    return False


def _is_in_text(octets: bytes, at: int, pattern: bytes) -> bool:
    """Whether the octets around are text: three letters stand in every image by chance."""
    end = at + len(pattern)
    around = octets[max(at - 4, 0) : at] + octets[end : end + 4]
    return all(32 <= each < 127 or each in {0, 9, 10, 13} for each in around)
