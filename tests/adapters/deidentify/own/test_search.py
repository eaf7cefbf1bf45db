"""Identifiers of an object are found in every spelling and encoding, and little else is."""

import base64
import html
import quopri
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.deidentify.own.search import OwnIdentifiers


def own() -> OwnIdentifiers:
    """Return the identifiers of one patient."""
    found = OwnIdentifiers()
    found.add_name("Müller-Schön^Änne^Li^^=山田^太郎=やまだ^たろう")
    found.add_name("Ng^Wei")
    found.add_number("000-48 1516")
    found.add_number("MRN7423501")
    found.add_number("AB.12.C9")
    found.add_number("42")
    found.add_date("19540307")
    return found


OWN = own()


@pytest.mark.parametrize(
    "value",
    [
        "MUELLER", "Muller",
        "müller", "Mu\u0308ller", "xxMUELLERxx", "M U E L L E R", "SCHOEN, Änne", "anne", "ng wei",
        "Wei, Ng", "weing", "山田太郎", "太郎", "patient やまだ", "481516", "000481516", "0481516", "48-15-16",
        "id=481516;", "MRN7423501", "7423501", "mrn 7423501", "AB12C9", "ab-12-c9", "42", " 42 ", "1954-03-07",
        "07.03.1954", "3/7/1954", "03/07/54", "7. März 1954", "7 Mar 1954", "March 7th, 1954", "07MAR1954", "19540307",
        "195403071015", "born 1954 Mar 07", "\uff2d\uff35\uff2c\uff2c\uff25\uff32",
        "\uff14\uff18\uff11\uff15\uff11\uff16",
    ],
)  # fmt: skip
def test_found(value: str) -> None:
    """Each spelling is found."""
    assert OWN.is_in(value)


@pytest.mark.parametrize(
    "value",
    ["", "CHEST PA", "HFS", "4815162", "1481516", "0.481516342", "series 42", "142", "19540308", "1954", "119540307",
     "LINEAR", "NG", "Siemens", "ORIGINAL\\PRIMARY\\AXIAL", "WEIGHTED", "7.3.55", "C9", "1.2.840.10008.5.1.4.1.1.2"],
)  # fmt: skip
def test_not_found(value: str) -> None:
    """What only looks alike stays."""
    assert not OWN.is_in(value)


ENCODINGS: dict[str, Callable[[str], str]] = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 with two characters before": lambda text: base64.b64encode(b"xy" + text.encode()).decode(),
    "base64 inside a base64 run": lambda text: "Q" + base64.b64encode(text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal of UTF-16": lambda text: text.encode("utf-16-be").hex(" "),
    "percent": lambda text: quote(text, safe="").replace("m", "%6D").replace("M", "%4D"),
    "HTML": lambda text: "".join(f"&#{ord(each)};" for each in text),
    "HTML by name": lambda text: html.escape(f"<{text}>"),
    "quoted-printable": lambda text: quopri.encodestring(text.encode(), quotetabs=True).decode(),
    "UTF-16 read as Latin-1": lambda text: text.encode("utf-16-le").decode("latin-1"),
    "JSON": lambda text: "".join(f"\\u{ord(each):04x}" for each in text),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", ["Mueller^Anne", "MRN7423501", "1954-03-07", "SCHOEN"])
def test_encoded(text: str, encoding: str) -> None:
    """Each encoding of an identifier is found, alone and within a sentence."""
    assert OWN.is_in(ENCODINGS[encoding](text))
    assert OWN.is_in(f"see {ENCODINGS[encoding](text)} for more")


def test_positions() -> None:
    """The values that contain one are named by position; values do not run into each other."""
    assert OWN.found_in(["CT", "Muller", "x", "1954-03-07", "mu", "eller"]) == [1, 3]
    assert OwnIdentifiers().found_in(["Muller", ""]) == []


@given(st.text(max_size=60), st.sampled_from(["Muller", "MRN7423501", "19540307", "太郎"]), st.text(max_size=60))
def test_beside_any_text(before: str, identifier: str, after: str) -> None:
    """Whatever stands before and after it, an identifier between blanks is found."""
    assert OWN.is_in(f"{before} {identifier} {after}")


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_input(name: str, text: str) -> None:
    """No name and no text is an error; a name with a part of five letters or more is found in itself."""
    found = OwnIdentifiers()
    found.add_name(name)
    found.add_number(name)
    found.add_date(name)
    found.is_in(text)
    found.found_in([text, name])


@pytest.mark.parametrize(
    ("octets", "is_named"),
    [
        (b"\0\1" + base64.b64encode(b"patient Muller, born 1954") + b"\0\1", True),
        (b"\0\1" + b"a text that names nobody" + b"\0\1", False),
        (b"\0\1\2\3", False),
    ],
)
def test_text_in_numbers(octets: bytes, *, is_named: bool) -> None:
    """A run of text among numbers is read like any other text, also if it is encoded once more."""
    assert OWN.is_in_octets(octets) is is_named


@pytest.mark.parametrize("text", ["A" * 200_000, "=4D" * 60_000, "%4D" * 60_000, "&#77;" * 40_000, "0" * 200_000,
                                  "481516 " * 30_000, "19540307" * 25_000, "48151648" * 25_000, "0" * 200_000 + "+",
                                  "1." * 100_000, "1.2.840." * 25_000])  # fmt: skip
def test_long_values(text: str) -> None:
    """A value of 200 kB takes time in proportion to its length."""
    own_of_zeros = own()
    own_of_zeros.add_number("000")
    own_of_zeros.add_uid("1.2.840.99999.4711")
    began = time.process_time()
    own_of_zeros.is_in(text)
    assert time.process_time() - began < 2


def test_telephone_behind_a_number() -> None:
    """A telephone number in groups is found behind another number, as in a list."""
    own = OwnIdentifiers()
    own.add_telephone("030 5550199")
    assert own.is_in("3.2 030-555 01 99")
    assert own.is_in("1. 555-0199")
    assert not own.is_in("3.2 030-555 01 98")
