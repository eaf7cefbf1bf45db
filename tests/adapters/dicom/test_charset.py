"""Text is written in the character sets of the instance, or not at all."""

import pytest
from pydicom.charset import convert_encodings, decode_bytes

from adapters.dicom.charset import decode, encode

SETS = {
    "ASCII in the default repertoire": ([], b"LO", "ABC", b"ABC"),
    "ASCII in any": (["ISO_IR 192"], b"LO", "ABC", b"ABC"),
    "ASCII in an unknown one": (["SOMETHING"], b"LO", "ABC", b"ABC"),
    "Latin 1": (["ISO_IR 100"], b"PN", "Müller^Jörg", "Müller^Jörg".encode("latin-1")),
    "UTF-8": (["ISO_IR 192"], b"PN", "王^小東", "王^小東".encode()),
    "GB18030": (["GB18030"], b"PN", "王^小东", "王^小东".encode("gb18030")),
    "Cyrillic": (["ISO_IR 144"], b"LO", "Жизнь", "Жизнь".encode("iso-8859-5")),
    "not in the default repertoire": ([], b"LO", "ü", None),
    "not in the default repertoire with another": (["", "ISO 2022 IR 87"], b"LO", "ü", None),
    "not in Latin 1": (["ISO_IR 100"], b"LO", "王", None),
    "not in an unknown one": (["SOMETHING"], b"LO", "ü", None),
}


@pytest.mark.parametrize(("names", "vr", "text", "octets"), SETS.values(), ids=SETS)
def test_encode(names: list[str], vr: bytes, text: str, octets: bytes | None) -> None:
    """A character set either has the text or does not."""
    assert octets == encode(text, vr, names)
    assert octets is None or text == decode(octets, names)


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        (["ISO 2022 IR 13", "ISO 2022 IR 87"], "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎"),
        (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
    ],
    ids=["Japanese", "half width", "Korean"],
)
def test_code_extensions(names: list[str], text: str) -> None:
    """Pydicom reads names that need escape sequences (PS3.5 H, I)."""
    octets = encode(text, b"PN", names)
    assert octets is not None
    assert text == decode_bytes(octets, convert_encodings(names), set(b"^="))


def test_decode_never_raises() -> None:
    """A value that cannot be decoded is read as Latin-1."""
    assert "\xff" == decode(b"\xff", ["SOMETHING"])
