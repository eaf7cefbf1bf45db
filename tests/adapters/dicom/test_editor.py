"""Edits change their elements, at every depth and in every encoding; everything else stays as it is."""

import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from adapters.dicom.encoding import Malformed
from adapters.dicom.output import Held, Output
from tests.adapters.dicom.instances import BIG, EXPLICIT, IMPLICIT, SYNTAXES, edit, element, item, part10, plain, read
from tests.adapters.dicom.instances import written as file_of

TEXTS = st.text("ABCxyz 019", min_size=0, max_size=9).map(str.strip)
KEYWORDS = ["AccessionNumber", "PatientID", "PatientName", "ImageComments"]
SEQUENCES = ["RequestAttributesSequence", "ReferencedStudySequence"]
PIXELS = element(0x7FE00010, "OW", bytes(range(64)))
Change = Callable[[Dataset], object]
UNDEFINED = 0xFFFFFFFF


@st.composite
def data_sets(draw: st.DrawFn, depth: int = 0) -> Dataset:
    """Return data sets with sequences in them, whose lengths are defined or not, and private elements."""
    made = Dataset()
    for keyword in draw(st.lists(st.sampled_from(KEYWORDS), max_size=3, unique=True)):
        setattr(made, keyword, draw(TEXTS))
    if draw(st.booleans()):
        block = made.private_block(0x0009, "HILUM TEST", create=True)
        block.add_new(0x10, "LO", draw(TEXTS))
    if draw(st.booleans()):
        made.Rows, made.PixelSpacing = draw(st.integers(0, 65535)), ["1.5", "2"]
    for keyword in draw(st.lists(st.sampled_from(SEQUENCES), max_size=2, unique=True)):
        if depth < 2:
            setattr(made, keyword, Items(draw(st.lists(data_sets(depth + 1), max_size=3))))
            made[keyword].is_undefined_length = draw(st.booleans())
            for each in made[keyword].value:
                each.is_undefined_length_sequence_item = draw(st.booleans())
    if depth == 0:
        made.SOPInstanceUID, made.PixelData = "1.2.3", bytes(draw(st.integers(1, 20)) * 2)
        made["PixelData"].VR = "OW"
    return made


def _set_in_requests(made: Dataset) -> None:
    for each in made.get("RequestAttributesSequence", []):
        each.AccessionNumber = "NEW"


def _remove_in_first(made: Dataset) -> None:
    for each in made.get("ReferencedStudySequence", [])[:1]:
        each.pop("PatientID", None)


def _set_deep(made: Dataset) -> None:
    for each in made.get("ReferencedStudySequence", []):
        for inner in each.get("RequestAttributesSequence", [])[1:2]:
            inner.Rows = 7


EDITS: dict[str, tuple[dict[str, Any], Change]] = {
    "set text": ({"set": {"PatientID": "NEW"}}, lambda made: setattr(made, "PatientID", "NEW")),
    "set by tag": ({"set": {"(0010,0010)": "NEW^NAME"}}, lambda made: setattr(made, "PatientName", "NEW^NAME")),
    "set empty": ({"set": {"00100020": ""}}, lambda made: setattr(made, "PatientID", "")),
    "set what is absent": ({"set": {"IssuerOfPatientID": "X"}}, lambda made: setattr(made, "IssuerOfPatientID", "X")),
    "set a number": ({"set": {"Rows": 513}}, lambda made: setattr(made, "Rows", 513)),
    "set a list": ({"set": {"PixelSpacing": [1, "2.5"]}}, lambda made: setattr(made, "PixelSpacing", ["1", "2.5"])),
    "set in items": ({"set": {"RequestAttributesSequence.AccessionNumber": "NEW"}}, _set_in_requests),
    "set deep": ({"set": {"ReferencedStudySequence[*].RequestAttributesSequence[1].Rows": 7}}, _set_deep),
    "remove": ({"remove": ["PatientID"]}, lambda made: made.pop("PatientID", None)),
    "remove a sequence": (
        {"remove": ["(0040,0275)"]},
        lambda made: made.pop("RequestAttributesSequence", None),
    ),
    "remove in an item": ({"remove": ["ReferencedStudySequence[0].PatientID"]}, _remove_in_first),
    "remove a private element": (
        {"remove": ['(0009,"HILUM TEST",10)']},
        lambda made: made.pop((0x0009, 0x1010), None),
    ),
    "remove private elements": ({"keep_private": False}, lambda made: made.remove_private_tags()),
}


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize(("asked", "change"), EDITS.values(), ids=EDITS)
def test_each_operation(asked: dict[str, Any], change: Change, syntax: str) -> None:
    """The result is what pydicom would have made, however the file is cut."""

    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(data_sets(), st.lists(st.integers(1, 200), min_size=1, max_size=4))
    def check(made: Dataset, sizes: list[int]) -> None:
        file = file_of(made, syntax)
        result = edit(file, sizes, **asked)
        assert result == edit(file, **asked)
        expected = read(file)
        change(expected)
        assert expected == read(result)

    check()


LATIN_1 = element(0x00080005, "CS", b"ISO_IR 100")
GROUP_10 = element(0x00100020, "LO", b"ID") + element(0x00100021, "LO", b"HO")
END = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
NESTED = element(0x00400275, "SQ", item(element(0x00080050, "SH", b"AB")))


def length(group: int, size: int) -> bytes:
    """Return a group length."""
    return element(group << 16, "UL", struct.pack("<L", size))


CASES: dict[str, tuple[bytes, dict[str, Any], bytes]] = {
    "a group length follows": (
        length(0x10, 20) + GROUP_10,
        {"set": {"PatientID": "LONGER"}},
        length(0x10, 24) + element(0x00100020, "LO", b"LONGER") + element(0x00100021, "LO", b"HO"),
    ),
    "a wrong group length stays if nothing changes": (
        length(0x10, 99) + GROUP_10,
        {"set": {"PatientID": "ID"}},
        length(0x10, 99) + GROUP_10,
    ),
    "a group without elements has no length": (length(0x10, 20) + GROUP_10, {"remove": ["00100020", "00100021"]}, b""),
    "an element that is set comes into its group": (
        length(0x10, 10) + element(0x00100020, "LO", b"ID") + element(0x00200010, "SH", b"12"),
        {"set": {"IssuerOfPatientID": "HO"}},
        length(0x10, 20) + GROUP_10 + element(0x00200010, "SH", b"12"),
    ),
    "a group of one's own": (
        element(0x00080060, "CS", b"CT") + length(0x20, 10) + element(0x00200010, "SH", b"12"),
        {"set": {"PatientID": "ID"}},
        element(0x00080060, "CS", b"CT")
        + element(0x00100020, "LO", b"ID")
        + length(0x20, 10)
        + element(0x00200010, "SH", b"12"),
    ),
    "defined lengths follow": (
        NESTED,
        {"set": {"RequestAttributesSequence.AccessionNumber": "ABCD"}},
        element(0x00400275, "SQ", item(element(0x00080050, "SH", b"ABCD"))),
    ),
    "undefined lengths stay": (
        element(0x00400275, "SQ", item(element(0x00080050, "SH", b"AB"), UNDEFINED), UNDEFINED) + END,
        {"set": {"RequestAttributesSequence[0].AccessionNumber": "ABCD"}},
        element(0x00400275, "SQ", item(element(0x00080050, "SH", b"ABCD"), UNDEFINED), UNDEFINED) + END,
    ),
    "an item that there is not is not made": (NESTED, {"set": {"(0040,0275)[1].AccessionNumber": "ABCD"}}, NESTED),
    "a sequence of unknown representation has implicit items": (
        element(0x00400275, "UN", item(b"\x08\0\x50\0\2\0\0\0AB")),
        {"set": {"RequestAttributesSequence.AccessionNumber": "ABCD"}},
        element(0x00400275, "UN", item(b"\x08\0\x50\0\4\0\0\0ABCD")),
    ),
    "a UID is padded with NUL, text with a space": (
        b"",
        {"set": {"StudyInstanceUID": "1.2.3", "PatientID": "ABC"}},
        element(0x00100020, "LO", b"ABC ") + element(0x0020000D, "UI", b"1.2.3\0"),
    ),
    "text in the character set": (
        element(0x00080005, "CS", b"ISO_IR 192"),
        {"set": {"PatientName": "Müller"}},
        element(0x00080005, "CS", b"ISO_IR 192") + element(0x00100010, "PN", "Müller ".encode()),
    ),
    "an item's own character set": (
        element(0x00080005, "CS", b"ISO_IR 192") + element(0x00400275, "SQ", item(LATIN_1)),
        {"set": {"RequestAttributesSequence.AccessionNumber": "ü"}},
        element(0x00080005, "CS", b"ISO_IR 192")
        + element(0x00400275, "SQ", item(LATIN_1 + element(0x00080050, "SH", b"\xfc "))),
    ),
    "a representation that the dictionary does not have": (
        element(0x00100020, "UN", b"ID"),
        {"set": {"PatientID": "ID"}},
        element(0x00100020, "LO", b"ID"),
    ),
    "representations to come": (
        element(0x00080050, "ZZ", b"")[:-2] + b"\0\0\2\0\0\0AB" + GROUP_10,
        {"remove": ["00100021"]},
        element(0x00080050, "ZZ", b"")[:-2] + b"\0\0\2\0\0\0AB" + GROUP_10[:10],
    ),
    "elements behind the pixel data": (
        PIXELS + element(0xFFFCFFFC, "OB", bytes(8)),
        {"remove": ["(FFFC,FFFC)"]},
        PIXELS,
    ),
    "NULs at the end": (GROUP_10 + bytes(21), {"remove": ["00100021"]}, GROUP_10[:10] + bytes(21)),
}


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(("before", "asked", "after"), CASES.values(), ids=CASES)
def test_octets(before: bytes, asked: dict[str, Any], after: bytes, size: int) -> None:
    """The data set has these octets, however it comes."""
    assert after == plain(edit(part10(before), [size], **asked))


BROKEN: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "cut in a header": (GROUP_10[:5], {}, "in the middle of an element"),
    "cut in a value": (GROUP_10[:-1], {}, "in the middle of an element"),
    "cut in a sequence": (element(0x00400275, "SQ", item(b""), UNDEFINED), {}, "in the middle of an element"),
    "no representation": (b"\x10\0\x20\0\2\0\0\0ID", {}, "no value representation"),
    "an item too long": (element(0x00400275, "SQ", item(b"", 8)), {}, "longer than the item or sequence"),
    "an element too long": (
        element(0x00400275, "SQ", item(element(0x00080050, "SH", b"AB", 4))) + GROUP_10,
        {},
        "longer than the item or sequence",
    ),
    "no item": (element(0x00400275, "SQ", GROUP_10), {}, "no item"),
    "a delimiter without sequence": (END, {}, "no item"),
    "twice": (GROUP_10 + GROUP_10, {"set": {"PatientID": "X"}}, "occurs twice"),
    "undefined text": (element(0x00100020, "UT", b"", UNDEFINED), {}, "undefined length"),
    "no such character": (b"", {"set": {"PatientName": "Müller"}}, "PatientName: the text to be set"),
    "octets behind NULs": (bytes(8) + GROUP_10, {}, "follow the end"),
    "a sequence longer than its item": (
        element(0x00400275, "SQ", item(element(0x00081110, "SQ", END, UNDEFINED), 16)),
        {},
        "longer than the item or sequence",
    ),
    "an item longer than its sequence": (
        element(0x00400275, "SQ", item(element(0x00080050, "SH", b"AB"), UNDEFINED), 12),
        {},
        "longer than the item or sequence",
    ),
    "a group length twice": (length(0x10, 0) * 2, {"set": {"PatientID": "X"}}, "a group length occurs twice"),
    "too deep to edit": (
        element(0x00400275, "SQ", item(b"", UNDEFINED)[:8], UNDEFINED) * 40,
        {"keep_private": False},
        "more than 32 levels deep",
    ),
    "too deep": (element(0x00400275, "SQ", item(b"", UNDEFINED)[:8], UNDEFINED) * 40, {}, "more than 32 levels deep"),
}


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize(("data_set", "asked", "reason"), BROKEN.values(), ids=BROKEN)
def test_malformed(data_set: bytes, asked: dict[str, Any], reason: str, size: int) -> None:
    """A data set that cannot be read or edited is refused with a reason."""
    asked = asked or {"remove": ["RequestAttributesSequence.PatientID"]}
    with pytest.raises(Malformed, match=reason):
        edit(part10(data_set), [size], **asked)


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG])
def test_large_sequence_gets_undefined_length(syntax: str) -> None:
    """A sequence too large to be held back is written with delimiters, and pydicom reads the same content."""
    made = Dataset()
    made.SOPInstanceUID = "1.2.3"
    made.RequestAttributesSequence = Items([Dataset() for _ in range(3)])
    for each in made.RequestAttributesSequence:
        each.add(DataElement(0x00204000, "LT", "x" * 9000))
        each.EncapsulatedDocument = bytes(5 << 20)
    expected = read(file := file_of(made, syntax))
    for each in expected.RequestAttributesSequence:
        each.AccessionNumber = "A"
    result = edit(file, [100_000], set={"RequestAttributesSequence.AccessionNumber": "A"})
    assert expected == read(result)
    assert read(result)["RequestAttributesSequence"].is_undefined_length


def test_large_group_loses_its_length() -> None:
    """A group that is too large to be held back is written without its length, which is legal."""
    comment = element(0x00104000, "UT", b"x" * (5 << 20))
    file = part10(length(0x10, len(comment) + 10) + element(0x00100020, "LO", b"ID") + comment)
    result = edit(file, set={"00100020": "X"})
    assert element(0x00100020, "LO", b"X ") + comment == plain(result)


def test_pixel_data_is_not_looked_at() -> None:
    """The octets after the header of the pixel data are passed on, complete or not."""
    tail = element(0x7FE00010, "OB", b"no fragments at all", UNDEFINED)
    assert element(0x00100020, "LO", b"X ") + tail == plain(edit(part10(tail), [5], set={"PatientID": "X"}))


def test_groups_in_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Group lengths at every depth do not add up in memory: the inner ones are left out."""
    nested = comment = element(0x00104000, "UT", b"x" * (2 << 20))
    for _ in range(6):
        inner = item(length(0x10, 99) + nested, UNDEFINED)
        nested = comment + element(0x00101002, "SQ", inner, UNDEFINED) + END
    nested = element(0x00101000, "LO", b"") + nested
    file = part10(nested.replace(comment, element(0x00100021, "LO", b"") + comment))
    most = 0
    hold = Output.hold

    def watched(self: Output, held: Held | None) -> None:
        nonlocal most
        most = max(most, self.held)
        hold(self, held)

    monkeypatch.setattr(Output, "hold", watched)
    edit(file, [1 << 16], keep_private=False)
    assert 0 < most < 9 << 20


@pytest.mark.skipif(shutil.which("dcmdump") is None, reason="DCMTK is not installed: make peers")
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_dcmtk_reads_it(tmp_path: Path, syntax: str) -> None:
    """DCMTK reads what every operation makes, without a warning."""
    inner = Dataset()
    inner.AccessionNumber, inner.PatientID = "OLD", "INNER"
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID, made.StudyDate = "1.2.840.10008.5.1.4.1.1.2", "1.2.3", "20240229"
    made.PatientID, made.Rows, made.PixelSpacing = "OLD", 4, ["1", "1"]
    made.RequestAttributesSequence, made.ReferencedStudySequence = [inner, inner], [inner]
    made["RequestAttributesSequence"].is_undefined_length = True
    made.private_block(0x0009, "HILUM TEST", create=True).add_new(0x10, "LO", "PRIVATE")
    made.PixelData = bytes(32)
    made["PixelData"].VR = "OW"
    file = file_of(made, syntax)
    for number, (asked, _) in enumerate(EDITS.values()):
        keeps = asked.get("keep_private", True)
        (tmp_path / f"{number:02}.dcm").write_bytes(edit(file, **asked, original_attributes=keeps))
    names = sorted(tmp_path.iterdir())
    done = subprocess.run(["dcmdump", "+Qn", *names], capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stderr)
