"""Whole messages against the versions they name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7.validation.checks import Checks
from adapters.hl7.validation.message import Validator
from adapters.hl7.validation.settings import Version

VERSIONS = ["2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8", "2.8.1", "2.8.2"]
EVN = "EVN|A01|20240101"
PID = "PID|1||1^^^HOSP^MR||TEST^NOBODY||19700101|F"
PV1 = "PV1|1|I|WARD"


def msh(version: str = "2.5", kind: str = "ADT^A01", encoding: str = "^~\\&", charset: str = "") -> str:
    """Return a header."""
    return f"MSH|{encoding}|A|B|C|D|20240101||{kind}|C1|P|{version}||||||{charset}"


def told(*segments: str, validator: Validator | None = None, end: str = "\r", charset: str | None = None) -> list[str]:
    """Return code and place of what is wrong in the message of these *segments*."""
    data = "".join(segment + end for segment in segments).encode()
    found = (validator or Validator()).findings(data, charset)
    return [f"{each.code} {each.location or '-'}" for each in found]


@pytest.mark.parametrize("version", VERSIONS)
def test_versions(version: str) -> None:
    """In every version a plain admission is valid, and each part that is removed from it is reported missing."""
    header = msh(version, "ADT^A01^ADT_A01")
    assert [] == told(header, EVN, PID, PV1)
    assert ["100 PV1^1"] == told(header, EVN, PID)
    assert ["101 PID^1^3^1", "101 PID^1^5^1"] == told(header, EVN, "PID|1|||||", PV1)
    assert told(header, EVN, PID.replace("19700101", "1.1.70"), PV1)[0].startswith("102 PID^1^7^1")


NO_MISTAKE = {
    "five encoding characters": [msh("2.5", encoding="^~\\&#"), EVN, PID, PV1],
    "Z-segments anywhere": [msh(), "ZAA|1", EVN, "ZBB|x^y", PID, "ZCC", PV1, "ZDD|"],
    "trailing empty fields": [msh(), EVN + "|||||", PID + "|^^^|~|||" + "|" * 40, PV1],
    "fields that the version does not have": [msh("2.3"), EVN, PID + "|" * 40 + "x", PV1],
    "a minor version": [msh("2.5.2"), EVN, PID, PV1],
    "a version with a country": [msh("2.5^DEU"), EVN, PID, PV1],
    "an event with the structure of another": [msh(kind="ADT^A08"), EVN.replace("A01", "A08"), PID, PV1],
    "the structure named": [msh(kind="ADT^A08^ADT_A01"), EVN, PID, PV1],
    "the event as structure": [msh(kind="ADT^A04"), EVN, PID, PV1],
    "an event of the site": [msh(kind="ADT^Z99"), "PID|1||1||A"],
    "a message of the site": [msh(kind="ZZZ^Z01"), "ZZZ|1"],
    "the null value": [msh(), EVN, PID.replace("19700101", '""'), PV1],
    "a user-defined table": [msh(), EVN, PID.replace("|F", "|Q"), PV1],
    "a message sent in parts": [msh(kind="ORU^R01"), "OBR|1|||X", "OBX|1|TX|X||text||||||F", "ADD|more", "DSC|1"],
    "other delimiters": [
        "MSH#!@%*#A#B#C#D#20240101##ADT!A01#C1#P#2.5",
        "EVN##20240101",
        "PID#1##1!!!H##A!B",
        "PV1#1#I",
    ],
    "UTF-8 without a name": [msh(), EVN, PID.replace("NOBODY", "JÖRG"), PV1],
}


@pytest.mark.parametrize("segments", NO_MISTAKE.values(), ids=NO_MISTAKE)
def test_no_mistake(segments: list[str]) -> None:
    """What the standard allows, or leaves to sites and to later versions, is no mistake."""
    assert [] == told(*segments)


MISTAKES = {
    "no segment but MSH": ([msh()], ["100 EVN^1", "100 PID^1", "100 PV1^1"]),
    "a segment of another version": ([msh("2.3"), "SFT|A", EVN, PID, PV1], ["100 -"]),
    "a text that was cut by a CR": ([msh(), EVN, PID, PV1, "and the patient said"], ["100 -"]),
    "a segment of another message": ([msh(), EVN, PID, "ORC|NW", PV1], ["100 ORC^1"]),
    "a segment too early": ([msh(), EVN, PV1, PID], ["100 PV1^1", "100 PV1^2"]),
    "a type that is none": ([msh(kind="QQQ^A01"), PID], ["200 MSH^1^9^1^1"]),
    "an event that is none": ([msh(kind="ADT^A99"), PID], ["201 MSH^1^9^1^2"]),
    "a version that is none": ([msh("3.0"), PID], ["203 MSH^1^12^1^1"]),
    "no version": ([msh(""), PID], ["101 MSH^1^12^1"]),
    "an unknown character set": ([msh(charset="KLINGON"), PID], ["103 MSH^1^18^1"]),
    "octets that the character set does not have": ([msh(charset="ASCII"), EVN, "PID|Ö"], ["102 MSH^1^18^1"]),
    "no MSH": ([PID], ["100 -"]),
    "a table": ([msh(), EVN, PID + "|" * 22 + "maybe", PV1], ["103 PID^1^30^1"]),
    "a number": ([msh(kind="ORU^R01"), "OBR|1|||X", "OBX|1|NM|X||<5||||||F"], ["102 OBX^1^5^1"]),
    "a date in the second segment of its name": (
        [msh(kind="ORU^R01"), "OBR|1|||X", "OBX|1|NM|X||5||||||F", "OBX|2|DT|X||5||||||F"],
        ["102 OBX^2^5^1"],
    ),
}


@pytest.mark.parametrize(("segments", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(segments: list[str], expected: list[str]) -> None:
    """Each mistake is found, with its code and place, and nothing else is."""
    assert expected == told(*segments)


def test_line_feeds_end_segments_too() -> None:
    """The end of MSH decides what ends a segment, as everywhere in Hilum."""
    assert [] == told(msh(), EVN, PID, PV1, end="\n")
    assert [] == told(msh(), EVN, PID, PV1, end="\r\n")


def test_the_listeners_character_set_counts() -> None:
    """The configured character set counts, whatever MSH-18 says."""
    assert [] == told(msh(charset="ASCII"), EVN, PID.replace("NOBODY", "JÖRG"), PV1, charset="UNICODE UTF-8")


def test_the_version_can_be_given() -> None:
    """A version in the settings takes the place of MSH-12."""
    assert ["100 -"] == told(msh("2.5"), "SFT|A|1|B|C", EVN, PID, PV1, validator=Validator(version="2.3"))


def test_structure_can_be_left_out() -> None:
    """Without `structure` the fields of all known segments are checked."""
    validator = Validator(wanted=Checks(structure=False))
    assert ["101 PID^1^3^1"] == told(msh(), "PID|1||||A", "QQQ", validator=validator)


def test_no_value_in_any_finding() -> None:
    """Findings name places, and no value, not even the name of a segment that may be a text."""
    data = f"{msh()}\rSECRET\rPID|SECRET||||||SECRET|||||||SECRET||||||||||||||||SECRET\rSEC|1\r".encode()
    found = list(Validator().findings(data, None))
    assert len(found) > 5
    assert "SEC" not in str(found)


PROFILE = {
    "ADT_A01": (
        "sequence",
        (
            ("MSH", ("sequence", ()), (1, 1), "SEG"),
            (
                "PID",
                ("sequence", (("PID_8", ("leaf", None, "ID", "SEX", "HL70136", 1), (1, 1), "FIE"),)),
                (1, 1),
                "SEG",
            ),
        ),
    )
}


def test_profile() -> None:
    """The structures of a profile take the place of the version's, down to the fields."""
    validator = Validator(profile=PROFILE)
    assert [] == told(msh(), "PID||||||||Y", validator=validator)
    assert ["100 PV1^1", "103 PID^1^8^1"] == told(msh(), PID, PV1, validator=validator)


PIECES = [
    b"|",
    b"^",
    b"~",
    b"&",
    b"\\",
    b"\r",
    b"\n",
    b'""',
    b"\0",
    b"\xff",
    b"PID",
    b"OBX|1|CX|",
    b"ADT^A01",
    b"2.5",
    b"Z",
]


@given(
    st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join), st.sampled_from([None, "2.1", "2.3", "2.5", "2.8.2"])
)
def test_never_raises(rest: bytes, version: Version | None) -> None:
    """Whatever stands behind the name of a header, findings have places or none."""
    for header in (b"MSH", f"{msh()}\r".encode()):
        assert all(each.text for each in Validator(version=version).findings(header + rest, None))
