"""Whole messages: what stays of them, and whose they are."""

import re
from dataclasses import dataclass

import hl7
import pytest
from hl7apy.parser import parse_message
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.pseudonyms.domains import Patient
from tests.adapters.deidentify.hl7v2.scanner import leaks
from tests.adapters.deidentify.hl7v2.support import (
    HEADER,
    PID,
    PSEUDONYM,
    PSEUDONYMS,
    changed,
    field,
    message,
    transformer,
)

SECOND = "PID|2||55^^^HOSP||Lee^Bo||19800101|F"
ALL = message(
    "PD1||||D1^Doc",
    "NK1|1|Moreau^Claire|SPO^Spouse^HL70063|77 Lake Drive|6175550111",
    "PV1|1|I|W^1^2^HOSP||||D7^Who^Doc|||||||||||VIS-4711",
    "OBR|1|PLC-3001|FIL-3002|24323-8^CMP^LN|||20240215||||||Smith has pain",
    "OBX|1|NM|2345-7^Glucose^LN||99|mg/dL||N",
    "OBX|2|ST|X^^L||Smith is well",
    "NTE|1||call 617-555-0199",
    "ZPV|1|Smith|20240215|keepme",
)


def test_whole() -> None:
    """Segments that no table lists go, and so do notes; nothing names the patient."""
    segments = changed(ALL)
    assert [each[:3] for each in segments] == ["MSH", "PID", "NK1", "PV1", "OBR", "OBX", "OBX"]
    assert not leaks(ALL.decode(), "\r".join(segments))
    assert field(segments, "OBX", 5) == "99"
    assert field(segments, "PID", 3) == f"{PSEUDONYM}^^^HOSP^MR"
    assert field(segments, "MSH", 10) == PSEUDONYMS.identifier("message", "C77")


def test_known_identifiers() -> None:
    """With cleaned text, notes stay without what the header names."""
    segments = changed(ALL, text="known_identifiers")
    assert field(segments, "NTE", 3) == "call ***"
    assert "OBX|2|ST|X^^L||*** is well" in segments
    assert field(segments, "OBR", 13) == ""


@pytest.mark.parametrize(
    "text",
    [
        f"\\X{'山田'.encode('utf-16-be').hex()}\\",
        f"\\X{'山田'.encode('shift_jis').hex()}\\",
        "\\M2442\\;3ED\\C2842\\",
    ],
)
def test_other_charset(text: str) -> None:
    """A name as escaped octets of a character set that is not the message's, or behind a switch to one."""
    header = f"{HEADER}||||||UNICODE UTF-8"
    data = message(f"NTE|1||Frau {text} kommt", header=header, pid=PID.replace("Smith^John^Quincy", "山田^太郎"))
    assert "kommt" not in "".join(changed(data, text="known_identifiers"))
    other = message(f"NTE|1||Frau {text} kommt", header=header)
    assert text in "".join(changed(other, text="known_identifiers"))


def test_kept_segment() -> None:
    """A segment of one's own stays if it is listed; its dates move, and what names the patient goes."""
    segments = changed(ALL, keep_segments=("ZPV",))
    _, number, name, day, kept = next(each for each in segments if each.startswith("ZPV")).split("|")
    assert (number, name, kept) == ("1", "", "keepme")
    assert day == field(segments, "OBR", 7)
    cut = changed(ALL, keep_segments=("ZPV",), profile="safe_harbor")
    assert next(each for each in cut if each.startswith("ZPV")) == "ZPV|1||2024|keepme"


def test_safe_harbor() -> None:
    """No date has more than its year."""
    text = "\r".join(changed(ALL, profile="safe_harbor"))
    assert not re.search(r"(?<![A-Z0-9])(19|20)\d{4}", text)
    assert "|2024|" in text


def test_two_patients() -> None:
    """Each patient's dates move by that patient's own shift."""
    segments = changed(message("OBR|1||||||20240215", SECOND, "OBR|2||||||20240215"))
    first, second = (each.split("|")[7] for each in segments if each.startswith("OBR"))
    shifts = PSEUDONYMS.shift(Patient("hospital", "4815162")), PSEUDONYMS.shift(Patient("hospital", "55"))
    assert (first == second) == (shifts[0] == shifts[1])
    assert not leaks(message(SECOND).decode(), "\r".join(segments))


def test_second_patient_unknown() -> None:
    """One patient who is not known holds the whole message back."""
    with pytest.raises(HeldBackError):
        changed(message("PID|2||5^^^ELSE||Lee^Bo"))


def test_merge() -> None:
    """The number that is merged away has the pseudonym that it has elsewhere."""
    header = HEADER.replace("ORU^R01^ORU_R01", "ADT^A40^ADT_A39")
    merged = changed(message("MRG|55^^^HOSP^MR||ACC-1||VIS-2||Lee^Bo", header=header))
    assert field(merged, "MRG", 1) == f"{PSEUDONYMS.patient(Patient('hospital', '55'))}^^^HOSP^MR"
    assert field(merged, "MRG", 3) == PSEUDONYMS.identifier("account", "ACC-1")
    assert field(merged, "MRG", 7) == ""


@pytest.mark.parametrize("segments", [[HEADER], [HEADER, "PV1|1|I"], [HEADER, PID.replace("4815162^^^HOSP^MR", "")]])
def test_nobody(segments: list[str]) -> None:
    """A message about nobody is held back: its dates and numbers are somebody's."""
    with pytest.raises(HeldBackError) as caught:
        changed("\r".join(segments).encode())
    assert "Smith" not in str(caught.value)


@pytest.mark.parametrize(
    "hidden",
    [
        "SMITH", "s m i t h", "Sm\\X6974\\h", "Sm\\H\\i\\N\\th", "U21pdGggSm9obg==", "Quincy, John", "48-15-162",
        "%53mith", "&#83;mith", "=53=6D=69=74=68", "536D697468", "7.3.1954", "Smith", "\uff33mith",
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["OBX|1|ST|X^^L||{}", "OBX|1|CWE|{}^^L", "NTE|1||{}", "ZPV|{}", "PV1|1|{}"])
def test_hidden(hidden: str, place: str) -> None:
    """However it is written, in whatever is kept, the patient's name goes."""
    segment = place.format(hidden.replace("&", "\\T\\"))
    made = changed(message(segment), text="known_identifiers", keep_segments=("ZPV",))
    assert hidden.replace("&", "\\T\\") not in "\r".join(made[2:])


@pytest.mark.parametrize(
    ("charset", "codec", "name"),
    [
        ("~ISO IR87", "iso2022_jp", "山田^太郎"),
        ("8859/1", "latin-1", "Müller^Änne"),
        ("UNICODE UTF-8", "utf-8", "Çelik^Łucja"),
    ],
)
def test_character_set(charset: str, codec: str, name: str) -> None:
    """Names are found in every character set, and the result is in the same one."""
    header = HEADER + "|" * 6 + charset
    family = name.partition("^")[0]
    data = f"{header}\rPID|1||4815162^^^HOSP||{name}\rOBX|1|TX|X^^L||{family} geht es gut\r".encode(codec)
    made, _ = transformer(text="known_identifiers").transform(data)
    text = made.decode(codec)
    assert family not in text
    assert "*** geht es gut" in text


@dataclass(frozen=True)
class Case:
    """A message in other delimiters."""

    delimiters: str


@pytest.mark.parametrize("case", [Case("#$%!@"), Case("|^~\\&"), Case("|^~")])
def test_delimiters(case: Case) -> None:
    """A message with its own delimiters keeps them."""
    table = str.maketrans(dict(zip("|^~\\&", case.delimiters, strict=False)))
    data = ALL.decode().translate(table)
    made, _ = transformer().transform(data.encode())
    assert made.startswith(b"MSH" + case.delimiters.encode())
    assert PSEUDONYM in made.decode()
    assert not leaks(data, made.decode())


def test_others_parse_it() -> None:
    """Two other parsers read the result as we meant it."""
    made, manifest = transformer(text="known_identifiers").transform(ALL)
    one = hl7.parse(made.decode())
    assert str(one["PID"][0][3][0][0]) == PSEUDONYM
    other = parse_message(made.decode(), find_groups=False)
    assert other.pid.pid_3.pid_3_1.value == PSEUDONYM
    assert manifest.done["identifier", "replaced"] > 0
    assert manifest.key == PSEUDONYMS.fingerprint
    assert "Smith" not in repr(manifest)


def test_same_again() -> None:
    """The same message always gives the same octets, and a message twice de-identified stays readable."""
    first, _ = transformer().transform(ALL)
    assert first == transformer().transform(ALL)[0]
    assert transformer().transform(first)[0].startswith(b"MSH")


WORD = st.text(st.characters(categories=("Lu", "Ll")), min_size=4, max_size=12)


@settings(max_examples=40)
@given(WORD, WORD, st.integers(10_000, 10**9), st.dates().filter(lambda day: day.year > 1000))
def test_any_patient(family: str, given_name: str, number: int, born: object) -> None:
    """Whoever it is, nothing that is kept says who; or the message is held back."""
    day = str(born).replace("-", "")
    pid = f"PID|1||{number}^^^HOSP||{family}^{given_name}||{day}"
    said = f"{given_name} {family}, born {born}, no. {number}"
    data = message(f"OBX|1|TX|X^^L||{said}", f"NTE|1||{said}", f"ZPV|{said}", f"PV1|1|I||{number}", pid=pid)
    try:
        made, _ = transformer(text="known_identifiers", keep_segments=("ZPV",)).transform(data)
    except HeldBackError:
        return
    # A number is found as a word of its own: a pseudonym may have its digits by chance.
    text = made.decode().replace(PSEUDONYMS.patient(Patient("hospital", str(number))), "")
    after = text.partition("PID|")[2]
    for word in (family, given_name, day, str(born)):
        assert word not in after
    assert not re.search(rf"(?<![A-Z0-9]){number}(?![A-Z0-9])", after)
