"""What a STOW-RS response means, row by row, against section 3 of the protocol facts."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.dicomweb.stow_response import (
    Accepted,
    Doubt,
    Failed,
    Report,
    find_verdict,
    read_report,
    stow_outcome,
)
from adapters.rest.http.reply import Reply
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from tests.adapters.rest.shapes import SHAPES, Evidence

OWN = "1.2.3"


def item(uid: str = OWN, **attributes: int | str) -> dict[str, object]:
    """Return an item of a response; keyword ``_00081197=272`` is an attribute."""
    values: dict[str, object] = {"00081155": {"vr": "UI", "Value": [uid]}}
    return values | {tag[1:]: {"vr": "US", "Value": [value]} for tag, value in attributes.items()}


def failed(*items: object) -> dict[str, object]:
    """Return a response with a FailedSOPSequence."""
    return {"00081198": {"vr": "SQ", "Value": list(items)}}


def referenced(*items: object) -> dict[str, object]:
    """Return a response with a ReferencedSOPSequence."""
    return {"00081199": {"vr": "SQ", "Value": list(items)}}


def verdict_of(reply: Reply) -> Accepted | Failed | None:
    """Return what *reply* says of OWN, the only instance of the request."""
    return find_verdict(read_report(reply, {OWN}), OWN)


COMMENT = {"00000902": {"vr": "LO", "Value": ["DICOM100: (0010,0020) - Invalid characters in DOE^JOHN"]}}

VERDICTS: dict[str, tuple[object, Accepted | Failed | None]] = {
    "stored": (referenced(item()), Accepted()),
    "stored with a warning": (referenced(item(_00081196=0xB000)), Accepted(0xB000)),
    "failed": (failed(item(_00081197=272)), Failed(272)),
    "failed without a reason": (failed(item()), Failed()),
    "failed with a comment (Azure)": (
        failed(item(_00081197=272) | {"00741048": {"vr": "SQ", "Value": [COMMENT]}}),
        Failed(272, "(0010,0020) invalid characters in ..."),
    ),
    "failed, the reason a string": (failed(item(_00081197="272")), Failed(272)),
    "failed with a comment beside (dcm4chee)": (
        failed(item(_00081197=272)) | COMMENT,
        Failed(272, "(0010,0020) invalid characters in ..."),
    ),
    "in an array": ([failed(item(_00081197=272))], Failed(272)),
    "nested": ({"00081115": {"vr": "SQ", "Value": [referenced(item())]}}, Accepted()),
    "a padded UID": (referenced(item(OWN + "\0")), Accepted()),
    "among others": (referenced(item("1.2"), item("1.2.3.4"), item()), Accepted()),
    "both: not stored for certain": (failed(item(_00081197=272)) | referenced(item()), Failed(272)),
    "exactly one other": (referenced(item("1.4")), Accepted(0xB000)),
    "exactly one other, with a warning": (referenced(item("1.4", _00081196=0xB007)), Accepted(0xB007)),
    "exactly one other, by no UID": (referenced(item("1.2-3")), None),
    "only others": (referenced(item("1.4"), item("1.5")), None),
    "a failure of an instance that was not sent": (failed(item("1.2", _00081197=272)), Failed(272)),
    "a failure without a name": (failed({}), Failed()),
    "a failure that names no instance": (
        {"0008119A": {"vr": "SQ", "Value": [{"00081197": {"vr": "US", "Value": [49152]}}]}},
        Failed(49152),
    ),
    "empty sequences": (failed() | referenced(), None),
    "empty": ({}, None),
    "null": (None, None),
}


@pytest.mark.parametrize(("value", "expected"), VERDICTS.values(), ids=VERDICTS)
def test_verdict(value: object, expected: Accepted | Failed | None) -> None:
    """The own UID is searched in every sequence; a failure that names no other instance counts for it."""
    assert expected == verdict_of(Reply(200, {}, json.dumps(value).encode()))


REPORTS: dict[str, tuple[object, Report]] = {
    "several": (
        failed(item("1.1", _00081197=0xC000), item("1.2")) | referenced(item("1.3"), item("1.4", _00081196=0xB000)),
        Report({"1.1": Failed(0xC000), "1.2": Failed(), "1.3": Accepted(), "1.4": Accepted(0xB000)}),
    ),
    "a failure of an instance that was not sent": (
        failed(item("1.9", _00081197=0xC000), item("1.2")) | referenced(item("1.3")),
        Report({"1.2": Failed(), "1.3": Accepted()}, Failed(0xC000)),
    ),
    "both: not stored for certain": (failed(item()) | referenced(item()), Report({OWN: Failed()})),
    "a failure that names no instance": (
        referenced(item()) | {"0008119A": {"vr": "SQ", "Value": [{"00081197": {"vr": "US", "Value": [49152]}}]}},
        Report({OWN: Accepted()}, Failed(49152)),
    ),
    "nothing": ({}, Report({})),
}


@pytest.mark.parametrize(("value", "expected"), REPORTS.values(), ids=REPORTS)
def test_report(value: object, expected: Report) -> None:
    """Each instance that the store names has one verdict; failures of unnamed ones are kept apart."""
    assert expected == read_report(Reply(202, {}, json.dumps(value).encode()), {OWN, "1.1", "1.2", "1.3", "1.4"})


def test_verdict_in_xml() -> None:
    """A store that answers in XML is understood too."""
    xml = (
        b'<?xml version="1.0"?><NativeDicomModel><DicomAttribute tag="00081198" vr="SQ"><Item number="1">'
        b'<DicomAttribute tag="00081155" vr="UI"><Value number="1">1.2.3</Value></DicomAttribute>'
        b'<DicomAttribute tag="00081197" vr="US"><Value number="1">49442</Value></DicomAttribute>'
        b"</Item></DicomAttribute></NativeDicomModel>"
    )
    assert Failed(0xC122) == verdict_of(Reply(409, {}, xml))


@pytest.mark.parametrize("body", [b"", b"<html>", b"OK", b"\xff\xff", b"[" * 100_000], ids=range(5))
def test_no_verdict(body: bytes) -> None:
    """A body that cannot be read says nothing."""
    assert verdict_of(Reply(200, {}, body)) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("1.2.3"),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["00081198", "0008119A", "00081155", "00081197", "vr", "Value"]), inner)
    ),
)


@given(st.integers(100, 599), JSON.map(lambda value: json.dumps(value).encode()) | st.binary())
def test_never_raises_and_never_invents(status: int, body: bytes) -> None:
    """Whatever the store sends, there is an outcome, and Stored only where it said so."""
    reply = Reply(status, {}, body)
    report = read_report(reply, {OWN})
    outcome = stow_outcome(reply, report, find_verdict(report, OWN))
    assert not isinstance(outcome, Stored)


def said(words: str, sentence: str = "the store failed to store the instance") -> str:
    """Return the reason that begins with the store's own words."""
    return f"the store said {words}; {sentence}"


NO_ROOM = "the store has no room or time for the instance now"
NOT_FOUND = Unavailable("the store reports a duplicate that could not be found")
UNCOMPARED = "the store holds this SOP Instance UID, and offers no QIDO-RS to compare"
SILENT = "the store did not say what became of the instance"
CONFLICT = Refused("the message conflicts with what the store holds", code="0111")
UNCLEAR = Doubt(absent=Unavailable(SILENT), unknown=Unavailable(SILENT, maybe_stored=True))


def duplicate(words: str) -> Refused:
    """Return the outcome for an instance of which the store says that it holds it, and nothing more."""
    return Refused(said(words, UNCOMPARED), code="0111")


OUTCOMES: dict[str, tuple[int, Accepted | Failed | None, Outcome | Doubt]] = {
    "stored": (200, Accepted(), Stored()),
    "stored, coerced": (202, Accepted(0xB000), Stored(code="B000")),
    "stored, not its SOP class": (202, Accepted(0xB007), Stored(code="B007")),
    "stored, elements discarded": (200, Accepted(0xB006), Stored(code="B006")),
    "stored, a warning of no DIMSE status": (202, Accepted(0x1234), Stored()),
    "said to be stored and in conflict": (409, Accepted(), UNCLEAR),
    "out of resources": (409, Failed(0xA700), Unavailable(said("A700 out of resources", NO_ROOM), code="A700")),
    "out of resources, the store's own": (
        202,
        Failed(0xA7FF),
        Unavailable(said("A7FF out of resources", NO_ROOM), code="A7FF"),
    ),
    "being stored by another": (409, Failed(45071), Unavailable(said("B00F instance is being stored", NO_ROOM))),
    "not its SOP class": (409, Failed(0xA900), Refused(said("A900 data set does not match SOP class"), code="A900")),
    "not understood": (202, Failed(0xC000), Refused(said("C000 cannot understand"), code="C000")),
    "transfer syntax": (409, Failed(0xC122), Refused(said("C122 transfer syntax not supported"), code="C122")),
    "invalid SOP instance": (409, Failed(0x0117), Refused(said("0117 invalid SOP instance"), code="0117")),
    "SOP class": (409, Failed(0x0122), Refused(said("0122 SOP class not supported"), code="0122")),
    "not authorized": (200, Failed(0x0124), Refused(said("0124 not authorized"), code="0124")),
    "processing failure, others stored": (202, Failed(0x0110), Refused(said("0110 processing failure"), code="0110")),
    "processing failure": (
        409,
        Failed(0x0110),
        Doubt(
            Refused(said("0110 processing failure"), code="0110"), Refused(said("0110 processing failure"), code="0110")
        ),
    ),
    "a conflict without a reason": (409, Failed(), Doubt(CONFLICT, CONFLICT)),
    "duplicate": (409, Failed(0x0111), Doubt(NOT_FOUND, duplicate("0111 duplicate SOP instance"))),
    "duplicate, with 200": (200, Failed(0x0111), Doubt(NOT_FOUND, duplicate("0111 duplicate SOP instance"))),
    "duplicate, Azure": (409, Failed(45070), Doubt(NOT_FOUND, duplicate("B00E instance has already been stored"))),
    "an unknown reason": (
        409,
        Failed(0x1234),
        Refused(said("1234", "the message conflicts with what the store holds"), code="0111"),
    ),
    "an unknown reason with 202": (202, Failed(0x1234), Refused(said("1234"), code="C000")),
    "an unknown reason with 400": (
        400,
        Failed(1),
        Refused(said("0001", "the store found an error in the message"), code="C000"),
    ),
    "a comment": (
        409,
        Failed(0xA900, "(0010,0020) invalid characters"),
        Refused(said("(0010,0020) invalid characters (A900 data set does not match SOP class)"), code="A900"),
    ),
    "a comment without a reason": (202, Failed(None, "no space"), Refused(said("no space"), code="C000")),
    "no reason with 503": (503, Failed(), Unavailable("the store is out of service (HTTP 503)")),
    "its own reason with 500": (500, Failed(0xC000), Refused(said("C000 cannot understand"), code="C000")),
    "200 and nothing more": (
        200,
        None,
        Doubt(
            Unavailable("the store answered 200 but does not hold the instance"),
            Unavailable(SILENT, maybe_stored=True),
            bare=True,
        ),
    ),
    "202 and nothing more": (202, None, UNCLEAR),
    "409 and nothing more": (409, None, Doubt(Unavailable(SILENT), CONFLICT)),
    "413": (413, None, Refused("the message is larger than the store takes", code="A900")),
    "415": (415, None, Refused("the store does not take this kind of content", code="C122")),
    "404": (404, None, Unavailable("the store does not know the address (HTTP 404)")),
    "503": (503, None, Unavailable("the store is out of service (HTTP 503)")),
}


@pytest.mark.parametrize(("status", "verdict", "expected"), OUTCOMES.values(), ids=OUTCOMES)
def test_outcome(status: int, verdict: Accepted | Failed | None, expected: Outcome | Doubt) -> None:
    """The store's own verdict counts first, then the status; in doubt the store has to be asked."""
    assert expected == stow_outcome(Reply(status, {}, b""), Report({}, recognised=True), verdict)


@pytest.mark.parametrize(("status", "content_type", "body", "expected"), SHAPES.values(), ids=SHAPES)
def test_evidence(status: int, content_type: str, body: bytes, expected: Evidence) -> None:
    """Stored needs a verdict on exactly this instance, or a success that is known to look so."""
    reply = Reply(status, {"Content-Type": content_type}, body)
    report = read_report(reply, {OWN})
    match stow_outcome(reply, report, find_verdict(report, OWN)):
        case Stored():
            evidence = Evidence.STORED
        case Refused():
            evidence = Evidence.FAILED
        case Doubt(absent=Unavailable(), unknown=Unavailable(maybe_stored=True), bare=bare):
            evidence = Evidence.KNOWN if bare else Evidence.NONE
    assert expected == evidence


def test_retry_after_is_kept() -> None:
    """A store out of resources may say when to come back."""
    outcome = stow_outcome(Reply(409, {}, b"", retry_after=9.0), Report({}), Failed(0xA700))
    assert isinstance(outcome, Unavailable)
    assert 9.0 == outcome.retry_after


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"{}," * 5_000_000 + b"{}]",
        b"[" * 8_000_000 + b"]" * 8_000_000,
        b'{"00081198":{"vr":"SQ","Value":[' * 50_000 + b"]}}" * 50_000,
        b"<NativeDicomModel>" + b"<Item/>" * 2_000_000 + b"</NativeDicomModel>",
        b"\xdc" * 16_000_000,
    ],
    ids=["flat", "deep", "sequences", "XML", "Latin-1"],
)
def test_verdict_bombs(body: bytes) -> None:
    """A reply of 16 MB takes almost no time, and proves nothing."""
    began = time.process_time()
    report = read_report(Reply(200, {"Content-Type": "application/dicom+json"}, body), {"1.2.3"})
    assert Report({}) == report
    assert time.process_time() - began < 0.5
