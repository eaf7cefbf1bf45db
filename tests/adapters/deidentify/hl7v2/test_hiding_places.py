"""Where a patient's identifiers hide in a message: none of them survives, in no place and in no encoding."""

import base64
from collections.abc import Callable

import pytest

from adapters.deidentify.hl7v2.table import fields
from tests.adapters.deidentify.hl7v2.support import HEADER, changed, field, message, transformer

KEEPING = {"text": "known_identifiers", "keep_segments": ("ZPV",)}
PROFILES = [{"profile": profile, **KEEPING} for profile in ("limited", "safe_harbor")]


def escaped(text: str) -> str:
    """Return *text* with its delimiters escaped."""
    for char, name in zip("\\|^&~", "EFSTR", strict=True):
        text = text.replace(char, f"\\{name}\\")
    return text


def coded(encode: Callable[[str], str]) -> Callable[[str], str]:
    """Return what encodes a text and escapes the result."""
    return lambda text: escaped(encode(text))


ENCODINGS: dict[str, Callable[[str], str]] = {
    "as it is": coded(str),
    "capital letters": coded(str.upper),
    "base64": coded(lambda text: base64.b64encode(text.encode()).decode()),
    "base64 for URLs, behind a letter": coded(
        lambda text: base64.urlsafe_b64encode(b"x " + text.encode()).decode().rstrip("=")
    ),
    "base64 of UTF-16": coded(lambda text: base64.b64encode(text.encode("utf-16-le")).decode()),
    "base64 twice": coded(lambda text: base64.b64encode(base64.b64encode(text.encode())).decode()),
    "HTML in base64": coded(lambda text: base64.b64encode("".join(f"&#{ord(c)};" for c in text).encode()).decode()),
    "hexadecimal": coded(lambda text: text.encode().hex()),
    "hexadecimal with blanks": coded(lambda text: text.encode().hex(" ")),
    "HTML": coded(lambda text: "".join(f"&#{ord(each)};" for each in text)),
    "HTML, hexadecimal": coded(lambda text: "".join(f"&#x{ord(each):x};" for each in text)),
    "percent": coded(lambda text: "".join(f"%{each:02X}" for each in text.encode())),
    "percent twice": coded(lambda text: "".join(f"%25{each:02X}" for each in text.encode())),
    "quoted-printable": coded(lambda text: "".join(f"={each:02X}" for each in text.encode())),
    "JSON": coded(lambda text: "".join(f"\\u{ord(each):04x}" for each in text)),
    "backwards": coded(lambda text: text[::-1]),
    "blanks between": coded(" ".join),
    "full stops between": coded(".".join),
    "soft hyphens between": coded("\u00ad".join),
    "zero-width blanks between": coded("\u200b".join),
    "full-width letters": coded(lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)),
    r"\X..\ of all": lambda text: f"\\X{text.encode().hex().upper()}\\",
    r"\X..\ of each": lambda text: "".join(f"\\X{each:02X}\\" for each in text.encode()),
    "highlighted": lambda text: f"\\H\\{text[:2]}\\N\\{text[2:]}",
    "a line break inside": lambda text: f"{text[:2]}\\.br\\{text[2:]}",
    "a local sequence inside": lambda text: f"{text[:2]}\\Zx\\{text[2:]}",
    "another character set inside": lambda text: f"{text[:2]}\\C2842\\{text[2:]}",
}
IDENTIFIERS = ["Quincy", "Smith", "John", "Moreau", "4815162", "ALT55512", "ACC7781", "123-45-6789", "123456789",
               "617-555-0199", "(617) 555 0199", "1954-03-07", "12 Elm Road"]  # fmt: skip
PLACES = {
    "OBX-5 of text": "OBX|1|TX|X^^L||say {} ok",
    "OBX-5 of a code": "OBX|1|CE|A^{}^LN",
    "OBX-3": "OBX|1|CE|{}^Glucose^LN||1",
    "NTE-3": "NTE|1||{}",
    "PV1-2": "PV1|1|{}",
    "a kept segment": "ZPV|1|{}",
    "its component": "ZPV|1|a^b^{}",
    "its subcomponent": "ZPV|1|a^b&c&{}",
    "its repetition": "ZPV|1|a~{}",
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encoded(encoding: str, place: str) -> None:
    """Each identifier, in each encoding, in each kind of place that is kept."""
    hidden = {text: ENCODINGS[encoding](text) for text in IDENTIFIERS}
    made = changed(message(*(PLACES[place].format(each) for each in hidden.values())), **KEEPING)
    after = "\r".join(made[2:])
    assert [text for text, each in hidden.items() if each in after] == []


FORMS = ("{}", "x^{}", "x&{}", "x^y^{}^L", "x~{}", "x^{}&y~z", "^^^{}&1.2&ISO", "{}^^^HOSP^MR")
SEGMENTS = (
    "MSH",
    "PID",
    "PV1",
    "PV2",
    "OBX",
    "NTE",
    "ORC",
    "OBR",
    "NK1",
    "GT1",
    "IN1",
    "SPM",
    "TXA",
    "DG1",
    "ZPV",
    "EVN",
)


@pytest.mark.parametrize("profile", PROFILES, ids=["limited", "safe_harbor"])
@pytest.mark.parametrize("segment", SEGMENTS)
def test_every_field(segment: str, profile: dict[str, str]) -> None:
    """In every field of a segment, as a component, a subcomponent and a repetition."""
    for form in FORMS:
        given = {number: form.format("Quincy") for number in range(1, 56)}
        given = {number: value for number, value in given.items() if (segment, number) not in READ_BY}
        made = changed(_with(segment, given), **profile)
        assert [each for each in made if "quincy" in each.lower()] == [], form


READ_BY = {("MSH", 1), ("MSH", 2), ("MSH", 9), ("MSH", 18), ("PID", 3), ("PID", 5), ("PID", 7)}
"""Fields that say how the message is read, and whose it is."""


def _with(segment: str, given: dict[int, str]) -> bytes:
    whole = message().decode().split("\r")[:-1]
    place = {"MSH": 0, "PID": 1}.get(segment, len(whole))
    parts = whole[place].split("|") if place < len(whole) else [segment]
    parts += [""] * (max(given) + 1 - len(parts))
    for number, value in given.items():
        parts[number - (segment == "MSH")] = value
    whole[place:] = ["|".join(parts), *whole[place + 1 :]]
    return ("\r".join(whole) + "\r").encode()


@pytest.mark.parametrize("number", sorted(fields()["MSH"].keys() - {2, 9, 18}))
def test_header_of_the_message(number: int) -> None:
    """Numbers of the header's own: the control ID hides in none of its other fields."""
    fields_of_header = HEADER.split("|")
    fields_of_header += [""] * (number - len(fields_of_header))
    fields_of_header[number - 1] = "C77-4711"
    made = changed(message(header="|".join(fields_of_header).replace("|C77|", "|C77-4711|")), **KEEPING)
    assert "4711" not in made[0]


@pytest.mark.parametrize(
    "value",
    [
        "^application^pdf^Base64^U21pdGg=",
        "^TEXT^^A^Smith",
        "^IM^JPEG^Base64^/9j/4AAQSmith",
        "Smith&x^AP^^Hex^536D697468",
    ],
)
@pytest.mark.parametrize("kind", ["ED", "RP"])
def test_documents(kind: str, value: str) -> None:
    """A document or a picture within a message goes as a whole, whatever it holds."""
    made = changed(message(f"OBX|1|{kind}|PDF^Report^L||{value}"), **KEEPING)
    assert field(made, "OBX", 5) == ""


@pytest.mark.parametrize(
    "line", ["BTS|1|Smith", "FTS|1|Smith", "ADD|Smith", "DSC|Smith", "SFT|Smith", "BHS|^~\\&|Smith"]
)
def test_segments_around(line: str) -> None:
    """Segments of batches, files and continuations say nothing about the patient's care and go."""
    assert "Smith" not in "\r".join(changed(message(line), **KEEPING))


@pytest.mark.parametrize("delimiters", ["|^~\\&", "#$%!@", "|~^\\&", "*^~\\&", "|^~"])
def test_own_delimiters(delimiters: str) -> None:
    """What is a delimiter elsewhere is text in a message with its own ones."""
    table = str.maketrans(dict(zip("|^~\\&", delimiters, strict=False)))
    data = message("OBX|1|TX|X^^L||say Smith", "ZPV|Quincy^a&4815162~7 March 1954").decode()
    made = transformer(**KEEPING).transform(data.translate(table).encode())[0].decode()
    for each in ("Smith", "Quincy", "4815162", "March"):
        assert each not in made


@pytest.mark.parametrize(
    ("charset", "codec", "family", "said"),
    [
        ("~ISO IR87", "iso2022_jp", "山田", "山田 太郎"),
        ("UNICODE UTF-8", "utf-8", "ヤマダ", "ﾔﾏﾀﾞ"),
        ("UNICODE UTF-8", "utf-8", "Müller", "MU\u0308LLER"),
        ("UNICODE UTF-8", "utf-8", "Müller", "Mueller"),
        ("8859/1", "latin-1", "Müller", "MUELLER"),
        ("8859/2", "iso8859_2", "Łukasz", "lukasz"),
        ("8859/5", "iso8859_5", "Иванов", "ИВАНОВ"),
        ("8859/7", "iso8859_7", "Παπάς", "παπας"),
        ("GB 18030-2000", "gb18030", "王小明", "王小明"),
        ("BIG-5", "big5", "陳大文", "陳大文"),
        ("KS X 1001", "euc_kr", "김철수", "김철수"),
        ("UNICODE UTF-8", "utf-8", "김철수", "김 철수"),
    ],
)
def test_character_sets(charset: str, codec: str, family: str, said: str) -> None:
    """A name is found in every character set, in another case, with other accents, half as wide."""
    said_in_set = said if codec == "utf-8" else said.encode(codec, "ignore").decode(codec)
    header = HEADER + "|" * 6 + charset
    pid = f"PID|1||4815162^^^HOSP||{family}^X"
    data = f"{header}\r{pid}\rOBX|1|TX|X^^L||see {said_in_set} there\rZPV|{said_in_set}\r".encode(codec)
    made = transformer(**KEEPING).transform(data)[0].decode(codec)
    assert said_in_set not in made


@pytest.mark.parametrize("text", ["93 years old", "aged 101", "a 90-year-old", "age: 95", "91 y/o", "92yo", "Alter 94"])
def test_great_ages_in_text(text: str) -> None:
    """An age above 89 is not told, in a text neither."""
    made = field(changed(message(f"OBX|1|TX|X^^L||she is {text} today"), **KEEPING), "OBX", 5)
    assert not any(each in made for each in ("90", "91", "92", "93", "94", "95", "101"))
    assert made.startswith("she is")


@pytest.mark.parametrize(
    "text", ["89 years old", "aged 45", "BP 120/95", "glucose 93 mg/dl", "page 95", "a 90-day course"]
)
def test_other_numbers_in_text(text: str) -> None:
    """Lower ages and other numbers stay."""
    assert field(changed(message(f"OBX|1|TX|X^^L||{text}"), **KEEPING), "OBX", 5) == text


@pytest.mark.parametrize(
    ("code", "kind", "value", "kept"),
    [
        ("30525-0^Age^LN", "NM", "93", "90"),
        ("30525-0^Age^LN", "NM", "89", "89"),
        ("30525-0^Age^LN", "NM", "89.5", "89.5"),
        ("30525-0^Age^LN", "NM", "90.2", "90"),
        ("21612-7^Age - Reported^LN", "SN", "^93", "^90"),
        ("AGE^Patient age^L", "NM", "104", "90"),
        ("30525-0^Age^LN", "ST", "93 years", ""),
        ("2345-7^Glucose^LN", "NM", "93", "93"),
    ],
)
def test_great_ages(code: str, kind: str, value: str, kept: str) -> None:
    """An observed age above 89 is told as 90."""
    assert field(changed(message(f"OBX|1|{kind}|{code}||{value}|a")), "OBX", 5) == kept
