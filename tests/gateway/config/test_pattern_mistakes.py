"""Patterns that match no message, or something else than is meant."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.pattern_mistakes import KNOWN_FACTS, pattern_problem, unlike_file_names
from gateway.contract.kind import Format

REGULAR = "{!r} looks like a regular expression, but only `*` (any text) is special in patterns; "
EMPTY = "is empty, but values are never empty; write `*` for any value, or remove the key"
DOT = ", or {!r} if the dot is part of the value"
NO_EVENT = (
    "{!r} matches no message that has an event; write {!r} for every event, or {!r} to take messages"
    " without an event too"
)

MISTAKES: dict[str, tuple[str, str, str]] = {
    "three components": (
        "message_type",
        "ADT^A01^ADT_A01",
        (
            "'ADT^A01^ADT_A01' matches nothing, because the value has two components, type and event,"
            " without the structure;"
            " write 'ADT^A01'"
        ),
    ),
    "three components and a star": (
        "message_type",
        "ADT^*^ADT_A01",
        (
            "'ADT^*^ADT_A01' matches nothing, because the value has two components, type and event,"
            " without the structure;"
            " write 'ADT^*'"
        ),
    ),
    "no event": ("message_type", "ADT", NO_EVENT.format("ADT", "ADT^*", "ADT*")),
    "an empty event": ("message_type", "ADT^", NO_EVENT.format("ADT^", "ADT^*", "ADT*")),
    "an event alone": (
        "message_type",
        "A01",
        "'A01' matches nothing, because the value begins with the type; write '*^A01'",
    ),
    "another divider": (
        "message_type",
        "ADT_A01",
        "'ADT_A01' matches nothing, because type and event are separated by `^`; write 'ADT^A01'",
    ),
    "lower case": (
        "message_type",
        "adt^*",
        (
            "'adt^*' matches nothing, because types and events are in upper case; write 'ADT^*',"
            " or instead of this key `MSH-9.1: adt` for a peer with lower case"
        ),
    ),
    "type and event in lower case": (
        "message_type",
        "adt^a01",
        (
            "'adt^a01' matches nothing, because types and events are in upper case; write 'ADT^A01',"
            " or instead of this key `MSH-9.1: adt` and `MSH-9.2: a01` for a peer with lower case"
        ),
    ),
    "lower case without an event": (
        "message_type",
        "oru",
        (
            "'oru' matches nothing, because types and events are in upper case; write 'ORU^*',"
            " or instead of this key `MSH-9.1: oru` for a peer with lower case"
        ),
    ),
    "a question mark": (
        "message_type",
        "ADT^A0?",
        "'ADT^A0?' matches nothing, because only `*` (any text) is special in patterns; write 'ADT^A0*'",
    ),
    "dot and star": ("message_type", "ADT.*", REGULAR.format("ADT.*") + "write 'ADT*'"),
    "dot and star behind the divider": ("message_type", "ADT^.*", REGULAR.format("ADT^.*") + "write 'ADT^*'"),
    "dot and star alone": ("message_type", ".*", REGULAR.format(".*") + "write '*'"),
    "alternatives": (
        "message_type",
        "ADT^*|ORU^*",
        REGULAR.format("ADT^*|ORU^*") + "write the list ['ADT^*', 'ORU^*']",
    ),
    "alternatives without an event": (
        "message_type",
        "(ADT|ORU)",
        REGULAR.format("(ADT|ORU)") + "write the list ['ADT^*', 'ORU^*']",
    ),
    "an anchor": ("message_type", "^ADT", REGULAR.format("^ADT") + "write 'ADT*'"),
    "two anchors": ("message_type", "^ADT$", REGULAR.format("^ADT$") + "write 'ADT^*'"),
    "a class": ("message_type", "ADT^A0[1-4]", REGULAR.format("ADT^A0[1-4]") + "write 'ADT^A0*'"),
    "digits": ("message_type", r"ADT\^A\d\d", REGULAR.format(r"ADT\^A\d\d") + "write 'ADT^A*'"),
    "a title with dot and star": (
        "calling_ae_title",
        "CT.*",
        REGULAR.format("CT.*") + "write 'CT*'" + DOT.format("CT.**"),
    ),
    "a title with a number, dot and star": (
        "calling_ae_title",
        "CT1.*",
        REGULAR.format("CT1.*") + "write 'CT1*'" + DOT.format("CT1.**"),
    ),
    "titles": ("calling_ae_title", "CT1|CT2", REGULAR.format("CT1|CT2") + "write the list ['CT1', 'CT2']"),
    "a class of titles": ("called_ae_title", "CT[12]", REGULAR.format("CT[12]") + "write 'CT*'"),
    "a long title": (
        "called_ae_title",
        "ARCHIVE_OF_THE_CITY",
        "'ARCHIVE_OF_THE_CITY' matches nothing, because an AE title has at most 16 characters; shorten it",
    ),
    "a blank": ("called_ae_title", "CT1 ", "'CT1 ' begins or ends with a blank, but no value does; write 'CT1'"),
    "an application": ("sending_application", "LAB.*", REGULAR.format("LAB.*") + "write 'LAB*'" + DOT.format("LAB.**")),
    "a description": (
        "SeriesDescription",
        "T1.*a.*",
        REGULAR.format("T1.*a.*") + "write 'T1*a*'" + DOT.format("T1.**a.**"),
    ),
    "repeated otherwise": ("calling_ae_title", "CT.+", REGULAR.format("CT.+") + "write 'CT*'"),
    "a whole HD": (
        "sending_facility",
        "NORTH^1.2.3^ISO",
        "'NORTH^1.2.3^ISO' matches nothing, because the value is only the first component; write 'NORTH'",
    ),
    "a code in lower case": (
        "processing_id",
        "p",
        (
            "'p' matches nothing, because codes are in upper case; write 'P',"
            " or instead of this key `MSH-11.1: p` for a peer with lower case"
        ),
    ),
    "the name of a class": (
        "sop_class_uid",
        "CTImageStorage",
        (
            "'CTImageStorage' matches nothing, because the value is a UID: digits and dots; write digits, dots, and"
            " `*` for any text"
        ),
    ),
    "an escaped UID": ("sop_class_uid", r"1\.2\.840\..*", REGULAR.format(r"1\.2\.840\..*") + "write '1.2.840.*'"),
    "an address with a prefix": (
        "peer_ip",
        "10.0.0.5/8",
        "'10.0.0.5/8' is an address within a network; write 10.0.0.0/8 for the network",
    ),
    "empty": ("sending_facility", "", EMPTY),
    "an empty field": ("PV1-2", "", EMPTY),
    "a field with delimiters": (
        "PV1-3",
        "*^ICU",
        "'*^ICU' matches nothing, because the value has no delimiters; name the component, as in PV1-3.2",
    ),
    "an element": ("Modality", "^(CT|MR)$", REGULAR.format("^(CT|MR)$") + "write the list ['CT', 'MR']"),
    "a field": ("PV1-2", "I|E", REGULAR.format("I|E") + "write the list ['I', 'E']"),
}


def gives(name: str) -> Format:
    """Return the format of the messages that have *name*."""
    return "dicom" if "ae_title" in name or "uid" in name or name.isalpha() else "hl7v2"


@pytest.mark.parametrize(("name", "pattern", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_mistake(name: str, pattern: str, expected: str) -> None:
    """A pattern that cannot be meant so is told with the mend."""
    assert expected == pattern_problem(name, pattern, gives(name))


@pytest.mark.parametrize(("name", "pattern", "text"), MISTAKES.values(), ids=MISTAKES)
def test_mends_are_right(name: str, pattern: str, text: str) -> None:
    """What is to be written instead has no mistake itself."""
    del pattern
    for mend in re.findall(r"'([^']*)'", text.partition("; ")[2].partition("; ")[2] or text.partition("; write")[2]):
        assert None is pattern_problem(name, mend, gives(name))


RIGHT = [
    ("message_type", "ADT^A01"),
    ("message_type", "ADT^*"),
    ("message_type", "*"),
    ("message_type", "ADT*"),
    ("message_type", "*^A01"),
    ("message_type", "*A01"),
    ("version", "2.*"),
    ("version", "2.5.1"),
    ("version", "V2.3"),
    ("sop_class_uid", "1.2.840.10008.5.1.4.1.1.*"),
    ("transfer_syntax_uid", "1.2.840.10008.1.2"),
    ("calling_ae_title", "orthanc"),
    ("calling_ae_title", "HOSP.**"),
    ("sending_application", "LAB.**"),
    ("sending_application", "*.WARD"),
    ("MSH-9.1", "adt"),
    ("MSH-9.2", "a01"),
    ("MSH-11.1", "p"),
    ("calling_ae_title", "CT?"),
    ("calling_ae_title", "*WORKSTATION_01*_2"),
    ("sending_facility", "1.2.276.0.*"),
    ("sending_application", "LAB (NEW) + X"),
    ("peer_ip", "10.0.0.0/8"),
    ("peer_ip", "10.0.*"),
    ("Modality", ""),
    ("SeriesDescription", "[MPR] T1+C?"),
    ("SeriesDescription", "^head"),
    ("PatientName", "^*"),
    ("ImageType", r"ORIGINAL\PRIMARY\*"),
    ("ImageType", r"DERIVED\SECONDARY"),
    ("StudyInstanceUID", "1.2.276.*"),
    ("MSH-2", "^~*"),
    ("first_word", "hello"),
]


@pytest.mark.parametrize(("name", "pattern"), RIGHT)
def test_right(name: str, pattern: str) -> None:
    """What may be meant as it stands is no mistake."""
    assert None is pattern_problem(name, pattern, gives(name))


@pytest.mark.parametrize(
    ("pattern", "expected"), [("CT?", True), ("[MPR]*", True), ("CT*", False), ("[", False), ("CT1", False)]
)
def test_unlike_file_names(pattern: str, expected: bool) -> None:
    """A pattern that would mean more if it were one of file names is known."""
    assert expected == unlike_file_names(pattern)


@given(st.sampled_from([*sorted(KNOWN_FACTS), "PV1-2", "Modality"]), st.text(r"^ADt01.*|[-]()\\d$? ", max_size=8))
def test_any_pattern(name: str, pattern: str) -> None:
    """Whatever stands for a pattern is judged, and what is told names it or says that it is empty."""
    problem = pattern_problem(name, pattern, gives(name))
    assert problem is None or repr(pattern) in problem or problem.startswith("is empty")
