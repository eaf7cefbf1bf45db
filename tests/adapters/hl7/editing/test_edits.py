"""All operations: tables of settings, the message before, and the message after."""

from typing import Any

import pytest

from adapters.hl7.editing.edits import Edits, apply
from adapters.hl7.intake import NO_DELIMITER
from adapters.hl7.outbound import NO_HEADER
from gateway.contract.outcome import Refused
from tests.adapters.hl7.editing.making import MSH, edited, message

Operations = dict[str, Any]

SET: dict[str, tuple[Operations, str, str]] = {
    "a field": ({"PID-8": "F"}, "PID|1||123|||||M|x", "PID|1||123|||||F|x"),
    "a field beyond the end": ({"PID-5": "DOE"}, "PID|1", "PID|1||||DOE"),
    "nothing beyond the end": ({"PID-5": ""}, "PID|1", "PID|1"),
    "nothing in a component beyond the end": ({"PID-3[2].4.2": ""}, "PID|1||1", "PID|1||1"),
    "nothing empties": ({"PID-3": ""}, "PID|1||123^^^A|x", "PID|1|||x"),
    "the null of HL7": ({"PID-8": '""'}, "PID|1|||||||M|x", 'PID|1|||||||""|x'),
    "the first repetition where none is named": ({"PID-3": "1"}, "PID|||A^B~C", "PID|||1~C"),
    "a component of the first repetition": ({"PID-3.4": "H"}, "PID|||A~B", "PID|||A^^^H~B"),
    "a component of a named repetition": ({"PID-3[2].4": "H"}, "PID|||A~B^^^X^MR", "PID|||A~B^^^H^MR"),
    "a repetition beyond the end": ({"PID-3[3]": "C"}, "PID|||A", "PID|||A~~C"),
    "a subcomponent": ({"PID-3.4.2": "1.2"}, "PID|||A^^^H&9&ISO", "PID|||A^^^H&1.2&ISO"),
    "a subcomponent beyond the end": ({"PID-3.4.2": "1.2"}, "PID|||A^^^H", "PID|||A^^^H&1.2"),
    "a component with subcomponents": ({"PID-3.4": "H"}, "PID|||A^^^X&1.2&ISO^MR", "PID|||A^^^H^MR"),
    "delimiters are text": ({"PID-5": "a|b^c~d\\e&f"}, "PID|", "PID|||||a\\F\\b\\S\\c\\R\\d\\E\\e\\T\\f"),
    "in the order written": ({"PID-5": "DOE", "PID-5.2": "JANE"}, "PID|||||X^Y^Z", "PID|||||DOE^JANE"),
    "a segment that is its name alone": ({"ZPD-2": "x"}, "ZPD", "ZPD||x"),
    "an absent segment": ({"PV1-2": "I"}, "PID|1", "PID|1"),
    "all segments": ({"OBX-2": "ST"}, "OBX|1|NM\rOBX|2\rNTE|1", "OBX|1|ST\rOBX|2|ST\rNTE|1"),
    "one of the segments": ({"OBX[2]-2": "ST"}, "OBX|1|NM\rNTE|1\rOBX|2", "OBX|1|NM\rNTE|1\rOBX|2|ST"),
    "an absent one of the segments": ({"OBX[3]-2": "ST"}, "OBX|1|NM\rOBX|2", "OBX|1|NM\rOBX|2"),
    "a segment with a longer name": ({"PID-1": "x"}, "PIDX|1", "PIDX|1"),
    "other alphabets": ({"PID-5": "Ж"}, "PID|||||X", "PID|||||Ж"),
}
REMOVE: dict[str, tuple[list[str], str, str]] = {
    "a field": (["PID-3"], "PID|1||A~B^C|x", "PID|1|||x"),
    "an absent field": (["PID-30"], "PID|1", "PID|1"),
    "a component, in all repetitions": (["PID-3.4"], "PID|||A^^^H^MR~B^^^G", "PID|||A^^^^MR~B^^^"),
    "a component of a repetition": (["PID-3[2].4"], "PID|||A^^^H~B^^^G^MR", "PID|||A^^^H~B^^^^MR"),
    "a subcomponent": (["PID-3.4.2"], "PID|||A^^^H&1.2&ISO", "PID|||A^^^H&&ISO"),
    "a repetition": (["PID-3[2]"], "PID|||A~B~C", "PID|||A~C"),
    "the first repetition": (["PID-3[1]"], "PID|||A~B", "PID|||B"),
    "the only repetition": (["PID-3[1]"], "PID|||A", "PID|||"),
    "an absent repetition": (["PID-3[4]"], "PID|||A~B", "PID|||A~B"),
    "repetitions are counted before": (["PID-3[1]", "PID-3[2]"], "PID|||A~B~C", "PID|||C"),
    "a repetition and a part of it": (["PID-3[2]", "PID-3[2].1"], "PID|||A~B~C", "PID|||A~C"),
    "one repetition by two paths": (["PID-3[1]", "PID[1]-3[1]", "PID-3[1]"], "PID|||A~B~C", "PID|||B~C"),
    "a field and a part of it": (["PID-3", "PID-3[1]", "PID-3.1"], "PID|||A~B|x", "PID||||x"),
    "a segment": (["ZPD"], "PID|1\rZPD|1\rPV1|1\rZPD|2", "PID|1\rPV1|1"),
    "one of the segments": (["ZPD[2]"], "ZPD|1\rZPD|2\rZPD|3", "ZPD|1\rZPD|3"),
    "segments are counted before": (["ZPD[1]", "ZPD[2]", "ZPD[3]-1"], "ZPD|1\rZPD|2\rZPD|3", "ZPD|"),
    "a segment that is its name alone": (["ZPD"], "PID|1\rZPD", "PID|1"),
    "an absent segment": (["ZPD"], "PID|1", "PID|1"),
    "a segment with a longer name": (["ZPD"], "ZPDX|1", "ZPDX|1"),
}
COPY: dict[str, tuple[Operations, str, str]] = {
    "a field": ({"PID-2": "PID-4"}, "PID|1|x||A^B\\T\\C", "PID|1|A^B\\T\\C||A^B\\T\\C"),
    "the first repetition": ({"PID-2": "PID-3"}, "PID|||A^1~B", "PID||A^1|A^1~B"),
    "a named repetition": ({"PID-2": "PID-3[2]"}, "PID|||A~B", "PID||B|A~B"),
    "to a repetition": ({"PID-3[3]": "PID-4"}, "PID|||A|D", "PID|||A~~D|D"),
    "a field without parts to a component": ({"PID-3.4": "PID-4"}, "PID|||A|D", "PID|||A^^^D|D"),
    "a component with its subcomponents": ({"PID-3.4": "PID-4.2"}, "PID|||A|D^H&1.2", "PID|||A^^^H&1.2|D^H&1.2"),
    "a component to a field": ({"PID-2": "PID-3.4"}, "PID|||A^^^H&1.2", "PID||H&1.2|A^^^H&1.2"),
    "what is empty empties": ({"PID-2": "PID-3"}, "PID||x||y", "PID||||y"),
    "what is absent empties": ({"PID-2": "PID-30.4"}, "PID||x", "PID||"),
    "from an absent segment": ({"PID-2": "PV1-3"}, "PID||x", "PID||x"),
    "to an absent segment": ({"PV1-2": "PID-3"}, "PID|||x", "PID|||x"),
    "from a header": ({"PID-2": "MSH-10"}, "PID|", "PID||C1"),
    "within each segment": ({"OBX-2": "OBX-3"}, "OBX|1||A\rOBX|2||B", "OBX|1|A|A\rOBX|2|B|B"),
    "from a named segment": ({"OBX-2": "OBX[2]-3"}, "OBX|1||A\rOBX|2||B", "OBX|1|B|A\rOBX|2|B|B"),
    "from the first of other segments": (
        {"OBX-2": "NTE-1"},
        "OBX|1\rNTE|A\rNTE|B\rOBX|2",
        "OBX|1|A\rNTE|A\rNTE|B\rOBX|2|A",
    ),
    "in the order written": ({"PID-1": "PID-2", "PID-2": "PID-1"}, "PID|a|b", "PID|b|b"),
}
REPLACE: dict[str, tuple[Operations, str, str]] = {
    "each match": ({"PID-3": ("0", "x")}, "PID|||1001", "PID|||1xx1"),
    "all texts of all repetitions": ({"PID-3": ("^", "x")}, "PID|||A^B&C~D^^E", "PID|||xA^xB&xC~xD^^xE"),
    "one repetition": ({"PID-3[2]": ("^", "x")}, "PID|||A~B", "PID|||A~xB"),
    "a component": ({"PID-3.2": ("^", "x")}, "PID|||A^B~C^D&E~F", "PID|||A^xB~C^xD&xE~F"),
    "a subcomponent": ({"PID-3.2.1": ("^", "x")}, "PID|||A^B&C", "PID|||A^xB&C"),
    "nothing where nothing is": ({"PID-3": ("^", "x")}, "PID|1|||y", "PID|1|||y"),
    "groups": ({"PID-3": (r"(\d+)-(?P<b>\d+)", r"\g<b>/\1")}, "PID|||12-34", "PID|||34/12"),
    "a group without a match": ({"PID-3": (r"a(b)?", r"<\1>")}, "PID|||a", "PID|||<>"),
    "the whole match": ({"PID-3": (r".+", r"<\g<0>>")}, "PID|||a", "PID|||<a>"),
    "a dollar is text": ({"PID-3": (r"(a)", r"$1\\")}, "PID|||a", "PID|||$1\\E\\"),
    "a pattern sees delimiters that were escaped": ({"NTE-3": (" & ", " and ")}, "NTE|||A \\T\\ B", "NTE|||A and B"),
    "what is written is escaped": ({"NTE-3": (" and ", " & ")}, "NTE|||A and B", "NTE|||A \\T\\ B"),
    "what was escaped is escaped again": ({"NTE-3": ("b", "c")}, "NTE|||a\\F\\b\\E\\", "NTE|||a\\F\\c\\E\\"),
    "a group keeps its escapes": ({"NTE-3": ("^(.*)$", r"[\1]")}, "NTE|||a\\F\\\\.br\\b", "NTE|||[a\\F\\\\.br\\b]"),
    "layout is no text": ({"NTE-3": ("[br]", "X")}, "NTE|||bar\\.br\\\\H\\r\\N\\", "NTE|||XaX\\.br\\\\H\\X\\N\\"),
    "layout as a whole": ({"NTE-3": (r"\\\.br\\", " / ")}, "NTE|||a\\.br\\b", "NTE|||a / b"),
    "a part of layout as a group": ({"NTE-3": (r"\\\.(br)\\", r"<\1>")}, "NTE|||a\\.br\\b", "NTE|||a<br>b"),
    "an escape character that escapes nothing": ({"NTE-3": ("dir", "x")}, "NTE|||C:\\dir\\F\\", "NTE|||C:\\x\\F\\"),
    "the null of HL7": ({"PID-3": ('^""$', "")}, 'PID|||""|x', "PID||||x"),
    "letters of any alphabet": ({"PID-5": ("Ж", "Ü")}, "PID|||||ЖЖ", "PID|||||ÜÜ"),
}
MAP: dict[str, tuple[Operations, str, str]] = {
    "a value": ({"PID-8": {"values": {"F": "W"}}}, "PID||||||||F", "PID||||||||W"),
    "another value is kept": ({"PID-8": {"values": {"F": "W"}}}, "PID||||||||M", "PID||||||||M"),
    "another value is replaced": ({"PID-8": {"values": {"F": "W"}, "default": "U"}}, "PID||||||||M", "PID||||||||U"),
    "an empty value": ({"PID-8": {"values": {"F": "W"}, "default": "refuse"}}, "PID|1||||||", "PID|1||||||"),
    "the null of HL7": ({"PID-8": {"values": {"F": "W"}, "default": "U"}}, 'PID||||||||""', 'PID||||||||""'),
    "the null of HL7 by its name": ({"PID-8": {"values": {'""': "U"}}}, 'PID||||||||""', "PID||||||||U"),
    "the first component": ({"PID-8": {"values": {"F": "W"}}}, "PID||||||||F^Female", "PID||||||||W^Female"),
    "each repetition": ({"PID-3.4": {"values": {"A": "B"}}}, "PID|||1^^^A&1~2^^^A", "PID|||1^^^B&1~2^^^B"),
    "to nothing": ({"PID-8": {"values": {"F": ""}}}, "PID||||||||F|x", "PID|||||||||x"),
    "text with delimiters": ({"PID-8": {"values": {"a&b": "c|d"}}}, "PID||||||||a\\T\\b", "PID||||||||c\\F\\d"),
    "the value as a whole": ({"PID-8": {"values": {"F": "W"}}}, "PID||||||||FF", "PID||||||||FF"),
}


@pytest.mark.parametrize(("asked", "before", "after"), SET.values(), ids=SET)
def test_set(asked: Operations, before: str, after: str) -> None:
    """`set` writes a text where its path says, and nothing else changes."""
    assert message(after) == edited({"set": asked}, message(before))


@pytest.mark.parametrize(("asked", "before", "after"), REMOVE.values(), ids=REMOVE)
def test_remove(asked: list[str], before: str, after: str) -> None:
    """`remove` empties fields and their parts, and takes repetitions and segments away."""
    assert message(after) == edited({"remove": asked}, message(before))
    assert message(after) == edited({"remove": asked[::-1]}, message(before))


@pytest.mark.parametrize(("asked", "before", "after"), COPY.values(), ids=COPY)
def test_copy(asked: Operations, before: str, after: str) -> None:
    """`copy` makes a part hold what another one holds."""
    assert message(after) == edited({"copy": asked}, message(before))


@pytest.mark.parametrize(("asked", "before", "after"), REPLACE.values(), ids=REPLACE)
def test_replace(asked: dict[str, tuple[str, str]], before: str, after: str) -> None:
    """`replace` applies a regular expression to each text, and its escape sequences stay true."""
    rules = {path: {"pattern": pattern, "with": written} for path, (pattern, written) in asked.items()}
    assert message(after) == edited({"replace": rules}, message(before))


@pytest.mark.parametrize(("asked", "before", "after"), MAP.values(), ids=MAP)
def test_map(asked: Operations, before: str, after: str) -> None:
    """`map` looks a value up in a table."""
    assert message(after) == edited({"map": asked}, message(before))


def test_header() -> None:
    """The fields of MSH are counted from the delimiter behind its name, which is MSH-1."""
    expected = message("PID|1", header=MSH.replace("LAB", "MPI").replace("|2.5", "|2.5||||||8859/1"))
    assert expected == edited({"set": {"MSH-5": "MPI", "MSH-18": "8859/1"}}, message("PID|1"))


def test_order() -> None:
    """A value can be moved, and a table sees what the other operations made."""
    operations = {
        "map": {"PID-8": {"values": {"FF": "W"}}},
        "replace": {"PID-8": {"pattern": "f", "with": "F"}},
        "set": {"PID-8": "ff"},
        "remove": ["PID-4", "ZPD"],
        "copy": {"PID-3": "PID-4", "PID-2": "ZPD-1"},
    }
    assert message("PID||z|b|||||W") == edited(operations, message("PID|||a|b||||M", "ZPD|z"))


# What surrounds and divides the same three segments.
SHAPES = {
    "CR": b"MSH|^~\\&|A\rPID|1|%b|z\rZPD|1\r",
    "no last end": b"MSH|^~\\&|A\rPID|1|%b|z",
    "LF": b"MSH|^~\\&|A\nPID|1|%b|z\nZPD|1\n",
    "CRLF": b"MSH|^~\\&|A\r\nPID|1|%b|z\r\nZPD|1\r\n",
    "CR, then CRLF": b"MSH|^~\\&|A\rZPD|1\r\nPID|1|%b|z\r\n",
    "a line feed in a text": b"MSH|^~\\&|A\rNTE|x\nPID|1|EE|z\rPID|1|%b|z\r\n\n",
    "blank lines": b"\r\n\r\nMSH|^~\\&|A\n\n\nPID|1|%b|z\r\r",
    "a line feed behind the last text": b"MSH|^~\\&|A\rPID|1|%b\n",
    "a byte-order mark": b"\xef\xbb\xbfMSH|^~\\&|A\rPID|1|%b|z\r",
    "five encoding characters": b"MSH|^~\\&#|A\rPID|1|%b|z\r",
    "other delimiters": b"MSH$%%~\\&$A\rPID$1$%b$z\r",
    "delimiters swapped": b"MSH^~|\\&^A\rPID^1^%b^z\r",
    "no escape character": b"MSH|^~|A\rPID|1|%b|z\r",
    "one encoding character": b"MSH|^|A\rPID|1|%b|z\r",
    "no encoding characters": b"MSH||A\rPID|1|%b|z\r",
    "a doubled escape character": b"MSH|^~\\\\&|A\rPID|1|%b|a\\F\\b\r",
    "one encoding character four times": b"MSH|&&&&|A\rPID|1|%b|a&b\r",
    "octets that are no text": b"MSH|^~\\&|\xff\xfe\x00\rPID|1|%b|\x80\x1b\r",
    "an unknown character set": b"MSH|^~\\&||||||||||||||||KLINGON\rPID|1|%b|\xff\r",
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_shapes(shape: bytes) -> None:
    """Whatever surrounds and divides a field, it alone changes."""
    assert shape % b"NEW" == edited({"set": {"PID-2": "NEW"}}, shape % b"OLD")
    assert shape % b"NOW" == edited({"replace": {"PID-2": {"pattern": "E", "with": "O"}}}, shape % b"NEW")
    assert shape % b"" == edited({"remove": ["PID-2"]}, shape % b"OLD")


def test_last_segment_goes_with_its_end() -> None:
    """A removed segment leaves the end of the one before."""
    assert b"MSH|^~\\&|A\n" == edited({"remove": ["ZPD"]}, b"MSH|^~\\&|A\nZPD|1\r\n\r\n")


# The character set in MSH-18, the codec of the message, and texts that it has; in many a delimiter is half of a letter.
CHARSETS = {
    "ISO 8859-1": ("8859/1", "latin-1", "Müller", "Ä"),
    "Windows": ("CP1252", "cp1252", "Müller", "€"),
    "UTF-8": ("UNICODE UTF-8", "utf-8", "Müller", "院"),
    "BIG-5": ("BIG-5", "big5", "台大醫院", "院"),
    "GB 18030": ("GB 18030-2000", "gb18030", "皘皊皛亅𠀀", "皘"),
    "Shift JIS": ("ISO IR13", "shift_jis", "ソ能表", "ソ"),
    "KS X 1001": ("KS X 1001", "euc_kr", "병원", "원"),
    "ISO 2022": ("~ISO IR87", "iso2022_jp", "淫緯", "緯"),
}


@pytest.mark.parametrize(("name", "codec", "text", "new"), CHARSETS.values(), ids=CHARSETS)
def test_charsets(name: str, codec: str, text: str, new: str) -> None:
    """Texts are written in the message's character set, and no half of a character is a delimiter."""
    header = MSH + "||||||" + name
    before = message(f"PID|{text}|{text}^{text}~{text}|{text}", codec=codec, header=header)
    after = message(f"PID|{text}|{text}^{new}~{text}|{text}", codec=codec, header=header)
    assert after == edited({"set": {"PID-2.2": new}}, before)
    assert after == edited({"replace": {"PID-2.2": {"pattern": f"^{text}$", "with": new}}}, before)
    assert after == edited({"map": {"PID-2.2": {"values": {text: new}}}}, before)
    override = message(f"PID|{text}|{text}^{new}~{text}|{text}", codec=codec)
    assert override == edited({"set": {"PID-2.2": new}}, before.replace(("||||||" + name).encode(), b""), name)


def test_a_set_taken_more_widely() -> None:
    """Letters that only the wider set has, and those that it reads otherwise, stay beside a text that is replaced."""
    before = message("PID|", header=MSH + "||||||SHIFT-JIS").removesuffix(b"\r") + b"\x87\x40x\x81\x60x\x81\x60\r"
    assert before.replace(b"@x", b"@y") == edited({"replace": {"PID-1": {"pattern": "(?<=①)x", "with": "y"}}}, before)


REFUSED: dict[str, tuple[Operations, bytes, str, str]] = {
    "a letter that ASCII lacks": (
        {"set": {"PID-5": "Ä"}},
        message("PID|", header=MSH + "||||||ASCII"),
        "207",
        "PID-5 would",
    ),
    "a letter that ISO 8859-1 lacks": (
        {"set": {"PID-5": "€"}},
        message("PID|", header=MSH + "||||||8859/1"),
        "207",
        "PID-5",
    ),
    "an alphabet that is not named": (
        {"replace": {"PID-3[1].1": {"pattern": "1", "with": "\u2015é"}}},
        message("PID|||1", header=MSH + "||||||~ISO IR87"),
        "207",
        "PID-3[1].1",
    ),
    "a message that is not UTF-8 after all": (
        {"map": {"PID-8": {"values": {"F": "Ä"}}}},
        message("PID||Ä||||||F", codec="latin-1"),
        "207",
        "PID-8",
    ),
    "an unknown character set": (
        {"set": {"PID-5": "Ä"}},
        message("PID|", header=MSH + "||||||KLINGON"),
        "207",
        "PID-5",
    ),
    "text in an unknown character set": (
        {"replace": {"PID-5": {"pattern": "x", "with": "y"}}},
        message("PID|||||Ä", header=MSH + "||||||KLINGON"),
        "103",
        "PID-5",
    ),
    "octets that are no text": (
        {"replace": {"PID-5": {"pattern": "x", "with": "y"}}},
        message("PID|||||Ä", codec="latin-1"),
        "102",
        "PID-5",
    ),
    "no escape character": ({"set": {"PID-5": "a|b"}}, message("PID|", header="MSH|^~|A"), "207", "PID-5"),
    "no delimiter of subcomponents": (
        {"set": {"PID-5.1.2": "a"}},
        message("PID|", header="MSH|^~\\|A"),
        "207",
        "PID-5.1.2",
    ),
    "components where one has room": ({"copy": {"PID-3.4": "PID-4"}}, message("PID|||A|B^C"), "207", "PID-3.4"),
    "subcomponents where one has room": ({"copy": {"PID-3.4.1": "PID-4"}}, message("PID|||A|B&C"), "207", "PID-3.4.1"),
    "a value that the table lacks": (
        {"map": {"PID-8": {"values": {"F": "W"}, "default": "refuse"}}},
        message("PID||||||||M"),
        "103",
        "PID-8",
    ),
    "a doubled delimiter in the value": ({"set": {"PID-3": "x"}}, b"MSH|^^\\&|A\rPID|||a^b\r", "100", "PID-3 is"),
    "a doubled delimiter to be written": ({"set": {"PID-3.2": "x"}}, b"MSH|^^\\&|A\rPID|||a\r", "207", "PID-3.2 needs"),
    "a doubled escape character": ({"set": {"PID-3": "a|b"}}, b"MSH|^~\\\\&|A\rPID|||a\r", "207", "PID-3 would"),
    "a text with a doubled escape character": (
        {"replace": {"PID-3": {"pattern": "a", "with": "b"}}},
        b"MSH|^~\\\\&|A\rPID|||a\\F\\\r",
        "100",
        "PID-3 is",
    ),
}


@pytest.mark.parametrize(("asked", "data", "code", "beginning"), REFUSED.values(), ids=REFUSED)
def test_refused(asked: Operations, data: bytes, code: str, beginning: str) -> None:
    """An edit that cannot be done correctly is refused; the reason names the path and holds no payload."""
    refused = edited(asked, data)
    assert isinstance(refused, Refused)
    assert code == refused.code
    assert refused.reason.startswith(beginning)
    assert refused.reason.isascii()


@pytest.mark.parametrize("data", [b"", b"PID|1\r", b"BHS|^~\\&|A\rMSH|^~\\&|B\r", b"FHS|^~\\&|A\r"])
def test_no_message(data: bytes) -> None:
    """What does not begin with MSH, a batch too, is refused."""
    assert edited({}, data) is NO_HEADER


def test_no_delimiter() -> None:
    """A header that cannot be read is refused."""
    assert edited({}, b"MSHABC\r") is NO_DELIMITER


def test_the_same_object() -> None:
    """Where nothing changes the octets are the ones that came in."""
    data = message("PID|1||1")
    assert apply(Edits(), data) is data
    assert edited({"set": {"PID-3": "1", "PV1-2": "I"}, "remove": ["PID-9", "ZPD"]}, data) is data
