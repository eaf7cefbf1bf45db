"""Disguises of a text are seen through; an ordinary text has none."""

import base64
import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.deidentify.own.disguises import undisguised
from adapters.deidentify.own.search import OwnIdentifiers

NAME = "Musterfrau"


def encoded(octets: bytes) -> str:
    """Return base64."""
    return base64.b64encode(octets).decode()


DISGUISES: dict[str, Callable[[str], str]] = {
    "letter by letter": " ".join,
    "base64 twice": lambda text: encoded(encoded(text.encode()).encode()),
    "base64 three times": lambda text: encoded(encoded(encoded(text.encode()).encode()).encode()),
    "base64 of hexadecimal": lambda text: encoded(text.encode().hex().encode()),
    "hexadecimal of base64": lambda text: encoded(text.encode()).encode().hex(),
    "base64 of zlib": lambda text: encoded(zlib.compress(text.encode())),
    "base64 of gzip": lambda text: encoded(gzip.compress(text.encode(), mtime=0)),
    "decimal codes": lambda text: " ".join(str(ord(each)) for each in text),
    "decimal codes with commas": lambda text: ", ".join(str(ord(each)) for each in text),
    "binary": lambda text: " ".join(f"{ord(each):08b}" for each in text),
    "octal": lambda text: "".join(f"\\{ord(each):03o}" for each in text),
    "C": lambda text: " ".join(hex(ord(each)) for each in text),
    "Unicode": lambda text: " ".join(f"U+{ord(each):04X}" for each in text),
    "JavaScript": lambda text: "".join(f"\\u{{{ord(each):x}}}" for each in text),
    "Perl": lambda text: "".join(f"\\x{{{ord(each):x}}}" for each in text),
    "backwards": lambda text: text[::-1],
}


@pytest.mark.parametrize("how", sorted(DISGUISES))
@pytest.mark.parametrize("text", [NAME, "MRN7423501"])
def test_found(how: str, text: str) -> None:
    """The search finds a name and a number in each disguise, and not those of somebody else."""
    own = OwnIdentifiers()
    own.add_name(f"{NAME}^Erika")
    own.add_number("MRN7423501")
    assert own.is_in(f"see {DISGUISES[how](text)}")
    assert not own.is_in(f"see {DISGUISES[how]('Wolkenstein')}")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("born 0 1 / 1 7 / 1 9 4 3", "born 01/17/1943"),
        ("1 9 4 3 - 0 1 - 1 7", "1943-01-17"),
        ("0 7 M a r 1 9 5 4", "07Mar1954"),
        ("1 6   N o v   2 0 1 9", "16 Nov 2019"),
    ],
)
def test_letter_by_letter(text: str, wanted: str) -> None:
    """A date with blanks between its letters and digits is read without them."""
    assert wanted in undisguised(text)


@pytest.mark.parametrize("text", ["", "CT chest with contrast", "1.5\\0\\0", "2 mm, 3 mm", "A B", "T2 FLAIR 3 mm"])
def test_ordinary(text: str) -> None:
    """An ordinary text says nothing else."""
    assert not list(undisguised(text))


@given(st.text())
def test_any_text(text: str) -> None:
    """No text makes it fail."""
    list(undisguised(text))


@pytest.mark.parametrize("text", ["1 " * 50_000, "77 " * 50_000, "QUJD" * 50_000, "\\101" * 50_000, "01" * 100_000])
def test_long_texts(text: str) -> None:
    """A long value takes no longer than it is long."""
    list(undisguised(text))
