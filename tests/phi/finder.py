"""Finds values that identify a patient in what a process has emitted.

What counts: the words of the fields that name a patient, a relative, a guarantor, an insured person or a physician.
What does not: values of fewer than four characters and numbers of fewer than six digits, which occur in any log by
chance; values that are the control ID of a message as well, which may be logged; and words that the process says
also where there is no patient (*ordinary*). A value is found where it stands between characters that are no part of a
word, whatever the case.
"""

import re
from collections.abc import Iterable, Iterator
from io import BytesIO

from pydicom import dcmread
from pydicom.datadict import keyword_for_tag
from pydicom.dataset import Dataset

SHORTEST, SHORTEST_NUMBER = 4, 6

WORD = re.compile(r"[\w.]+")

FIELDS: dict[bytes, tuple[int, ...]] = {
    b"PID": (2, 3, 4, 5, 6, 7, 9, 11, 12, 13, 14, 18, 19, 20, 21, 23, 29),
    b"NK1": (2, 4, 5, 6, 16, 30, 31, 33),
    b"GT1": (2, 3, 4, 5, 6, 7, 8, 12, 16, 19),
    b"IN1": (16, 18, 19, 36, 49),
    b"IN2": (1, 2, 6, 8, 61, 63),
    b"MRG": (1, 2, 3, 4, 7),
    b"PV1": (7, 8, 9, 17, 19, 52),
}
"""Fields whose values identify somebody; of a CX, XCN or XAD the parts that are tables or authorities are left out."""
PARTS = 5
"""Components of a field that are looked at: identifier and names, street to zip, number."""

KEYWORDS = frozenset({
    "AccessionNumber", "ReferringPhysicianName", "PerformingPhysicianName", "NameOfPhysiciansReadingStudy",
    "PhysiciansOfRecord", "OperatorsName", "RequestingPhysician", "RequestedProcedureID", "StudyID",
    "InstitutionAddress", "AdmissionID",
})  # fmt: skip
"""DICOM elements that identify, beside all of group 0010."""


def hl7_values(payload: bytes) -> set[str]:
    """Return what identifies somebody in an HL7 message, as far as it can be read in Latin-1 and UTF-8."""
    found: set[str] = set()
    for text in (payload.decode("latin-1"), payload.decode("utf-8", "replace")):
        separator = text.lstrip()[3:4] or "|"
        for segment in re.split(r"[\r\n]+", text):
            fields = segment.split(separator)
            for number in FIELDS.get(fields[0].encode("latin-1", "replace"), ()):
                if number < len(fields):
                    found.update(_words(fields[number]))
    return found - header_words(payload)


def control_ids(payload: bytes) -> set[str]:
    """Return ``MSH-10`` of every message in *payload*: it may be logged, also if it is a patient's number as well."""
    return {header[9] for header in _headers(payload) if len(header) > 9}


def senders(payload: bytes) -> set[str]:
    """Return ``MSH-3`` and ``MSH-4`` of every message in *payload*: operators know peers by these names."""
    return {name for header in _headers(payload) for name in header[2:4]}


def _headers(payload: bytes) -> Iterator[list[str]]:
    """Yield the fields of each header, where the number in the list is the one in the standard less one."""
    for each in re.findall(rb"(?:^|[\r\n])MSH([^\r\n]+)", payload):
        yield [field.decode("latin-1").strip() for field in each.split(each[:1])]


def _words(field: str) -> Iterator[str]:
    for repetition in field.split("~"):
        for component in repetition.split("^")[:PARTS]:
            yield from (each.strip() for each in component.split("&") if counts(each.strip()))


def header_words(payload: bytes) -> set[str]:
    """Return what the header says in clear: control ID, applications, facilities."""
    header = re.split(rb"[\r\n]", payload.lstrip(), maxsplit=1)[0].decode("latin-1")
    return {part for field in re.split(r"[|]", header) for part in (field, *field.split("^"))}


def dicom_values(part10: bytes) -> set[str]:
    """Return what identifies somebody in a Part 10 file, in sequences too."""
    return set(_of_data_set(dcmread(BytesIO(part10), force=True, stop_before_pixels=True)))


def _of_data_set(data_set: Dataset) -> Iterator[str]:
    for tag in data_set.keys():  # noqa: SIM118  iterating reads all elements
        try:
            element = data_set[tag]
        except (AttributeError, NotImplementedError, TypeError, ValueError):  # an odd element says nothing readable
            continue
        if element.VR == "SQ":
            for item in element.value:
                yield from _of_data_set(item)
        elif element.tag.group == 0x0010 or keyword_for_tag(element.tag) in KEYWORDS:
            values = element.value if isinstance(element.value, list) else [element.value]
            for each in values:
                whole = str(each).strip()
                yield from (word.strip() for word in (whole, *re.split(r"[\^=]", whole)) if counts(word.strip()))


def counts(value: str) -> bool:
    """Tell whether *value* is long enough not to occur by chance."""
    return len(value) >= (SHORTEST_NUMBER if re.fullmatch(r"[\d.\-]+", value) else SHORTEST)


def leaks(emitted: str, values: Iterable[str], ordinary: str = "") -> list[str]:
    """Return the *values* that stand in *emitted* as words, and not in *ordinary*."""
    text, harmless = emitted.lower(), ordinary.lower()
    words = set(WORD.findall(text))
    return sorted(
        value
        for value in set(values)
        if words.issuperset(WORD.findall(value.lower()))  # few of them: the text is searched for no other
        and _stands_in(value.lower(), text)
        and value.lower() not in harmless
    )


def _stands_in(value: str, text: str) -> bool:
    if value not in text:  # a pattern takes much longer
        return False
    return re.search(rf"(?<![\w.]){re.escape(value)}(?![\w.])", text) is not None
