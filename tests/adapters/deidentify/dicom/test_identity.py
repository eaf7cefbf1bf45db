"""Whom an object is about: its patient, and all names, numbers and days of its header."""

import pytest

from adapters.deidentify.dicom.identity import (
    charsets,
    is_standard,
    own_identifiers,
    patient_of,
    text_of,
)
from adapters.deidentify.dicom.tree import Element, Item
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.pseudonyms.domains import Domain, Domains, Patient
from tests.adapters.deidentify.dicom.made import header

HOSPITAL, CLINIC = Domain("hospital"), Domain("clinic")
DOMAINS = Domains(
    {("dicom", "HOSP"): HOSPITAL, ("dicom", "1.2.3&ISO"): HOSPITAL, ("dicom", "CLINIC"): CLINIC}, HOSPITAL
)


def lo(tag: int, value: bytes) -> Element:
    """Return an element of text."""
    return Element(tag, b"LO", value)


def qualifiers(*items: Item) -> Element:
    """Return Issuer of Patient ID Qualifiers Sequence."""
    return Element(0x00100024, b"SQ", items=list(items))


UNIVERSAL = [Element(0x00400032, b"UT", b"1.2.3 "), Element(0x00400033, b"CS", b"ISO ")]


@pytest.mark.parametrize(
    ("more", "domain"),
    [
        ([], "hospital"),
        ([lo(0x00100021, b"HOSP")], "hospital"),
        ([lo(0x00100021, b"CLINIC")], "clinic"),
        ([qualifiers(UNIVERSAL)], "hospital"),
        ([qualifiers()], "hospital"),
        ([qualifiers([])], "hospital"),
        ([lo(0x00100021, b"HOSP"), qualifiers(UNIVERSAL)], "hospital"),
    ],
)
def test_patient(more: list[Element], domain: str) -> None:
    """The issuer, or its universal ID, gives the domain; without one it is the default."""
    assert patient_of(header(*more), DOMAINS) == Patient(domain, "MRN7423501")


@pytest.mark.parametrize("more", [[lo(0x00100021, b"OTHER ")], [lo(0x00100021, b"CLINIC"), qualifiers(UNIVERSAL)]])
def test_patient_of_nobody(more: list[Element]) -> None:
    """An issuer that is not known, or two that contradict each other, hold the object back."""
    with pytest.raises(HeldBackError):
        patient_of(header(*more), DOMAINS)


@pytest.mark.parametrize("value", [b"", b"  "])
def test_no_patient(value: bytes) -> None:
    """Without a Patient ID there is no patient."""
    assert patient_of(header(lo(0x00100020, value)), DOMAINS) is None
    assert patient_of(header(without=[0x00100020]), DOMAINS) is None


def test_texts() -> None:
    """A text is decoded by the character sets that it is given, without padding."""
    elements = header(Element(0x00080005, b"CS", b"ISO_IR 192 "), lo(0x00100020, "Nü1".encode() + b" "))
    assert charsets(elements) == ["ISO_IR 192"]
    assert text_of(elements, 0x00100020, charsets(elements)) == "Nü1"
    assert text_of(elements, 0x00104000) == ""
    assert charsets(header()) == ()
    assert charsets([]) == ()


def test_standard() -> None:
    """UIDs of the standard are those that it lists, and not whatever begins like one."""
    assert is_standard("1.2.840.10008.1.2")
    assert is_standard("1.2.840.10008.5.1.4.1.1.66.7"), "a class that pydicom 3.0 does not know"
    assert not is_standard("1.2.840.10008.5.1.4.1.1.2.7423501")


def test_own_identifiers() -> None:
    """Names, numbers, dates and UIDs are found at every depth, in the character set of their item."""
    nested = [
        Element(0x00080005, b"CS", b"ISO_IR 192"),
        Element(0x00081050, b"PN", "Grün^Otto\\Weiß^Ida=".encode()),
        Element(0x0040A030, b"DT", b"20190102030405"),
        lo(0x00100020, b"XK55512 "),
        Element(0x00081155, b"UI", b"1.3.46.1.77123"),
    ]
    own = own_identifiers(header(Element(0x00081140, b"SQ", items=[nested]), Element(0x00104000, b"LT", b"Hidden")))
    found = ("Musterfrau", "7423501", "1954-03-07", "ACC4711X", "Grün", "weiss", "2019-01-02", "XK55512",
             "1.3.46.1.77123", "05.05.2020")  # fmt: skip
    assert [each for each in found if not own.is_in(f"see {each} there")] == []
    assert not own.is_in("Hidden")
    assert not own.is_in("1.2.840.10008.5.1.4.1.1.2")


@pytest.mark.parametrize("vr", [b"LO", b"UT", b"OB", b"UN"])
def test_other_representation(vr: bytes) -> None:
    """A name and a date are known as such by their tags, whatever representation a writer gives them."""
    name, born = Element(0x00100010, vr, b"Quagmire^Ida"), Element(0x00100030, vr, b"19610708")
    own = own_identifiers([name, Element(0x00100020, b"PN", b"7423501 "), born])
    assert [own.is_in(each) for each in ("Dr Quagmire", "8.7.1961", "no 7423501")] == [True] * 3


@pytest.mark.parametrize(
    ("tag", "value", "text"),
    [
        (0x00101050, b"INS99887766 ", "ins 99887766"), (0x00102155, b"+49 30 5550199", "030/5550199"),
        (0x00102154, b"030-5550199 ", "+49 30 5550199"), (0x00402010, b"617-555-0199", "1 617 5550199"),
        (0x00120040, b"SUBJ-889977 ", "SUBJ889977"), (0x00400512, b"CONT-889977 ", "cont 889977"),
        (0x00401103, b"5550199 ", "555-0199"),
    ],
)  # fmt: skip
def test_numbers(tag: int, value: bytes, text: str) -> None:
    """Numbers of the patient's insurance, trial, specimen and telephones are searched for."""
    assert own_identifiers([lo(tag, value)]).is_in(f"see {text} there")


def test_too_short() -> None:
    """Numbers of two characters, and short UIDs, are everywhere: they are not searched for."""
    own = own_identifiers([lo(0x00100020, b"4-2 "), Element(0x00080018, b"UI", b"1.2.3")])
    assert not own


def test_retained() -> None:
    """What an option keeps may stand elsewhere too."""
    institution = lo(0x00080080, b"St. Elsewhere ")
    assert own_identifiers([institution]).is_in("Elsewhere St. Elsewhere")
    assert not own_identifiers([institution], {0x00080080}).is_in("Elsewhere St. Elsewhere")
