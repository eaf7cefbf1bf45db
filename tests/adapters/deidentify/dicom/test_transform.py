"""One header: each action, patients and their dates, the search for the object's own identifiers, and faults."""

from struct import pack
from typing import Any, Literal

import pytest

from adapters.deidentify.dicom.transform import DicomTransformer
from adapters.deidentify.dicom.tree import Element, Item
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.settings import DicomProfile
from tests.adapters.deidentify.dicom.made import DOMAINS, PSEUDONYMS, header, transformer

SEQUENCE = 0x00089215
MODIFIED: tuple[Literal["retain_longitudinal_modified_dates"], ...] = ("retain_longitudinal_modified_dates",)


def done(*more: Element, without: tuple[int, ...] = (), **profile: Any) -> dict[int, Element]:
    """Return the elements of a transformed header by tag."""
    elements = header(*more, without=without)
    transformer(**profile).transform(elements, Manifest("", ""))
    return {each.tag: each for each in elements}


def lo(tag: int, value: bytes) -> Element:
    """Return an element of text."""
    return Element(tag, b"LO", value)


def nested(*elements: Element) -> Element:
    """Return a sequence that stays, with one item."""
    return Element(SEQUENCE, b"SQ", items=[list(elements)])


def inside(found: dict[int, Element]) -> Item:
    """Return the item of that sequence."""
    items = found[SEQUENCE].items
    assert items is not None
    assert len(items) == 1
    return items[0]


def test_pseudonyms() -> None:
    """Patient and accession number have pseudonyms, which are the same each time; UIDs too, at every depth."""
    link = nested(Element(0x00081155, b"UI", b"1.3.46.1\0"))
    found, again = done(link), done(nested(Element(0x00081155, b"UI", b"1.3.46.1")))
    patient = DOMAINS.patient("dicom", (), "MRN7423501")
    assert found[0x00100020].value.decode() == found[0x00100010].value.decode() == PSEUDONYMS.patient(patient)
    assert found[0x00080050].value.decode() == PSEUDONYMS.identifier("accession", "ACC4711X")
    assert inside(found)[0].value == found[0x00080018].value == inside(again)[0].value
    assert found[0x00080018].value.decode() == PSEUDONYMS.uid("1.3.46.1")


def test_no_patient() -> None:
    """Without a Patient ID the name is empty, and the study gives the shift of dates."""
    found = done(without=(0x00100020,), options=MODIFIED)
    assert found[0x00100010].value == b""
    assert found[0x00080020].value != b"20200505"
    assert done(lo(0x00080050, b""))[0x00080050].value == b""


def test_several_uids() -> None:
    """Each of several UIDs is hashed; an empty one stays, and so does one of the standard."""
    value = b"1.3.46.1\\\\1.2.840.10008.1.2\\1.2.840.10008.77423501"
    first, empty, standard, forged = done(Element(0x00080014, b"UI", value))[0x00080014].value.decode().split("\\")
    assert first == PSEUDONYMS.uid("1.3.46.1")
    assert empty == ""
    assert standard == "1.2.840.10008.1.2"
    assert forged.startswith("2.25.")


@pytest.mark.parametrize(
    ("vr", "value", "stays"),
    [
        (b"DA", b"20200505\\20200512", True), (b"DA", b"", True), (b"DA", b"born 54 ", False),
        (b"DT", b"20200505101500+0100 ", True), (b"TM", b"101500", True), (b"TM", b"Muster", False),
        (b"DA", b"2020-05-05TMusterfrau ", False), (b"DT", b"20200505101500.742350", False),
        (b"DT", b"20200505101500.742351", True),
    ],
)  # fmt: skip
def test_shift(vr: bytes, value: bytes, *, stays: bool) -> None:
    """Dates are moved together, times of day stay, and what is neither is removed."""
    tag = {b"DA": 0x00080021, b"DT": 0x0008002A, b"TM": 0x00080031}[vr]
    found = done(Element(tag, vr, value), lo(0x00101000, b"742350"), options=MODIFIED)
    assert (tag in found) is stays
    if stays and vr != b"TM" and value:
        assert found[tag].value != value
        assert found[tag].value[8:9] == value[8:9]


@pytest.mark.parametrize("charset", ["gb18030", "shift_jis", "iso2022_jp", "utf-16-le"])
def test_other_charset(charset: str) -> None:
    """A name is found in a text also if this has another character set than the object says."""
    name = Element(0x00100010, b"PN", "Yamada^Tarou=山田^太郎".encode())
    text = lo(0x00081030, b"CT " + "山田太郎".encode(charset))
    found = done(Element(0x00080005, b"CS", b"ISO_IR 192"), name, text, options=("clean_descriptors",))
    assert found[0x00081030].value == b"REMOVED "


@pytest.mark.parametrize(("tag", "vr", "form"), [(0x00089459, b"FL", "<f"), (0x00186018, b"UL", "<L")])
def test_binary_number(tag: int, vr: bytes, form: str) -> None:
    """The patient's number is found as a binary number, too."""
    assert tag not in done(Element(tag, vr, pack(form, 7423501)))
    assert tag in done(Element(tag, vr, pack(form, 7423502)))


def test_form() -> None:
    """A value that breaks its representation is removed, and counted."""
    manifest = Manifest("", "")
    elements = header(Element(0x00180050, b"DS", b"Muster"), Element(0x00280010, b"US", b"abc"))
    transformer().transform(elements, manifest)
    assert not {0x00180050, 0x00280010} & {each.tag for each in elements}
    assert manifest.done["VR", "removed"] == 2


@pytest.mark.parametrize(
    "value",
    ["Erika", "ERIKA MUSTERFRAU", "mrn 7423501", "born 1954-03-07", "RXJpa2EgTXVzdGVyZnJhdQ==", "1.3.46.2"],
)
def test_own_identifiers(value: str) -> None:
    """Whatever names the patient is replaced in a text, and removed elsewhere; beside it texts stay."""
    manifest = Manifest("", "")
    elements = header(nested(lo(0x00080104, value.encode()), Element(0x0040A160, b"UT", b"a mass")))
    transformer().transform(elements, manifest)
    text, other = inside({each.tag: each for each in elements})
    assert text.value == b"REMOVED "
    assert other.value == b"a mass"
    assert manifest.done["own identifier", "replaced"] == 1


@pytest.mark.parametrize("element", [Element(0x00080008, b"CS", b"ERIKA "),
                                     Element(0x00283006, b"OW", b"\0\0Musterfrau\0\0"),
                                     Element(0x00081150, b"UI", b"1.2.7423501\0")])  # fmt: skip
def test_own_identifiers_in_others(element: Element) -> None:
    """Code strings, numbers and UIDs of classes that contain one are removed."""
    assert inside(done(nested(element, lo(0x00080104, b"a mass")))) != []
    assert [each.tag for each in inside(done(nested(element, lo(0x00080104, b"a mass"))))] == [0x00080104]


def test_in_another_character_set() -> None:
    """A text is also read in character sets that the object does not name."""
    name = Element(0x00100010, b"PN", "Grün^Otto".encode("latin-1"))
    found = done(Element(0x00080005, b"CS", b"ISO_IR 100"), name, nested(lo(0x00080104, "Grün".encode())))
    assert inside(found)[0].value == b"REMOVED "


@pytest.mark.parametrize(
    "element",
    [
        Element(0x00080016, b"UI", b"1.2.840.10008.5.1.4.1.1.2.7423501\0"),
        Element(0x00080060, b"CS", b"ERIKA "),
        Element(0x00080005, b"CS", b"ISO_IR 100\\ERIKA"),
        Element(0x00280004, b"CS", b"MUSTERFRAU"),
    ],
)
def test_own_identifiers_where_they_cannot_go(element: Element) -> None:
    """An element without which the object cannot be read, and that names the patient, holds it back."""
    with pytest.raises(HeldBackError):
        done(element)


def test_terms() -> None:
    """A term of the standard is no name, although the patient has it."""
    found = done(Element(0x00100010, b"PN", b"Monochrome^Ct"), Element(0x00280004, b"CS", b"MONOCHROME2 "))
    assert found[0x00280004].value == b"MONOCHROME2 "


@pytest.mark.parametrize("tag", [0x00080018, 0x00080050, 0x00100010, 0x00080020])
def test_items_for_a_value(tag: int) -> None:
    """Items where a value should be are removed; without its instance the object is held back."""
    more = Element(tag, b"SQ", items=[[lo(0x00080104, b"a mass")]])
    if tag == 0x00080018:
        with pytest.raises(HeldBackError, match="Instance"):
            done(more, options=MODIFIED)
    else:
        assert tag not in done(more, options=MODIFIED)


def test_value_for_items() -> None:
    """A value where items should be is removed."""
    assert SEQUENCE not in done(lo(SEQUENCE, b"a mass"))
    assert 0x00081140 not in done(lo(0x00081140, b"a mass"))


def test_emptied() -> None:
    """A value that is emptied, and a sequence, have nothing left."""
    found = done(Element(0x00080090, b"PN", b"Doe^Jim "))
    assert found[0x00080090].value == b""


@pytest.mark.parametrize(("text", "stays"), [("scan", True), ("remove", False)])
def test_unlisted_text(text: str, *, stays: bool) -> None:
    """Free text that the table does not list is searched, or removed."""
    assert bool(inside(done(nested(lo(0x00080104, b"a mass")), unlisted_text=text))) is stays


def test_private() -> None:
    """Private elements go, unless the option keeps safe ones; they are searched too."""
    private = [lo(0x00090010, b"SOMEBODY"), lo(0x00091001, b"x ")]
    assert not {0x00090010, 0x00091001} & done(*private).keys()
    assert not {0x00090010, 0x00091001} & done(*private, options=("retain_safe_private",)).keys()


class Failing:
    """Pseudonyms of which one method fails."""

    fingerprint = ""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        """Return a method of the real ones, or one that fails."""
        if name != self._name:
            return getattr(PSEUDONYMS, name)

        def fail(*_: object) -> str:
            raise OSError("no key")

        return fail


@pytest.mark.parametrize("name", ["uid", "identifier", "patient", "shift"])
def test_fault_of_pseudonyms(name: str) -> None:
    """Where a pseudonym cannot be made nothing is returned."""
    engine = DicomTransformer(DicomProfile(options=MODIFIED), Failing(name), DOMAINS)
    with pytest.raises(OSError, match="no key"):
        engine.transform(header(), Manifest("", ""))


def test_fault_of_the_shift_of_a_study() -> None:
    """Likewise for an object without a patient."""
    engine = DicomTransformer(DicomProfile(options=MODIFIED), Failing("shift_of_study"), DOMAINS)
    with pytest.raises(OSError, match="no key"):
        engine.transform(header(without=[0x00100020]), Manifest("", ""))
