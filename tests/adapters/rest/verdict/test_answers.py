"""The table of replies, and the rows of a destination."""

import pytest
from pydantic import BaseModel, ValidationError

from adapters.rest.dicomweb.settings import DicomwebSettings
from adapters.rest.dicomweb.stow_batch import batch_outcome
from adapters.rest.dicomweb.stow_response import Doubt, Failed, Report, stow_outcome
from adapters.rest.http.reply import Reply
from adapters.rest.settings import Hl7v2StoreSettings, HttpSettings
from adapters.rest.verdict.answers import BY_DEFAULT, DEFAULTS, DICOM_KEY, HL7_KEY, NEVER_TWICE, Answers
from gateway.contract.outcome import Outcome, Stored, Unavailable
from gateway.contract.outlook import Outlook

FINAL, DOUBTFUL, TEMPORARY, BUSY = Outlook
URL = "http://127.0.0.1:1/"

STATUSES = {
    200: DOUBTFUL, 204: DOUBTFUL, 302: TEMPORARY, 400: FINAL, 401: TEMPORARY, 403: TEMPORARY, 404: TEMPORARY,
    408: TEMPORARY, 409: FINAL, 413: FINAL, 415: FINAL, 418: TEMPORARY, 422: FINAL, 425: BUSY, 429: BUSY,
    500: TEMPORARY, 502: TEMPORARY, 503: BUSY, 504: TEMPORARY, 599: TEMPORARY,
}  # fmt: skip


@pytest.mark.parametrize(("status", "expected"), STATUSES.items())
def test_status(status: int, expected: Outlook) -> None:
    """A status has its own row, or that of its hundred."""
    assert expected is BY_DEFAULT.to_status(status)


REASONS = {
    None: None, 0x0105: None, 0x0110: DOUBTFUL, 0x0117: FINAL, 0x0122: FINAL, 0x0124: FINAL, 0x0213: TEMPORARY,
    0xA700: TEMPORARY, 0xA7FF: TEMPORARY, 0xA900: FINAL, 0xB00F: TEMPORARY, 0xC000: FINAL, 0xC123: FINAL, 0xB000: None,
}  # fmt: skip


@pytest.mark.parametrize(("reason", "expected"), REASONS.items())
def test_failure_reason(reason: int | None, expected: Outlook | None) -> None:
    """A Failure Reason has its own row, or that of its family, or none."""
    assert expected is BY_DEFAULT.to_failure_reason(reason)


NACKS: dict[str, tuple[str, list[str], Outlook]] = {
    "an error": ("AE", [], FINAL),
    "a rejection": ("AR", [], DOUBTFUL),
    "a commit error": ("CE", [], FINAL),
    "a commit rejection": ("CR", [], DOUBTFUL),
    "a missing field": ("AR", ["101"], FINAL),
    "an unsupported version": ("AR", ["203"], FINAL),
    "a locked record": ("AE", ["206"], TEMPORARY),
    "an internal error": ("AR", ["207"], TEMPORARY),
    "a code of the store's own": ("AE", ["E17"], FINAL),
    "a locked record, and a code of the store's own": ("AE", ["E17", "206"], TEMPORARY),
    "a locked record, and a missing field": ("AE", ["206", "101"], FINAL),
}


@pytest.mark.parametrize(("code", "errors", "expected"), NACKS.values(), ids=NACKS)
def test_nack(code: str, errors: list[str], expected: Outlook) -> None:
    """ERR-3 says more than MSA-1, and of several errors the worst one counts."""
    assert expected is BY_DEFAULT.to_nack(code, errors)


def test_rows_of_a_destination() -> None:
    """A row of a destination takes the place of the one with the same key, and no other."""
    own = Answers(
        {"HTTP 409": TEMPORARY, "HTTP 5xx": FINAL, "MSA-1 AR": BUSY, "ERR-3 E17": DOUBTFUL, "DICOM A7xx": FINAL}
    )
    assert [TEMPORARY, FINAL, BUSY, FINAL] == [own.to_status(status) for status in (409, 500, 503, 400)]
    assert [BUSY, FINAL, DOUBTFUL] == [own.to_nack("AR", []), own.to_nack("AR", ["101"]), own.to_nack("AE", ["E17"])]
    assert [FINAL, DOUBTFUL] == [own.to_failure_reason(0xA701), own.to_failure_reason(0x0110)]


NO_REPLY = {
    "it may have it": (Unavailable("silent", maybe_stored=True), DOUBTFUL),
    "it cannot have it": (Unavailable("the file of the token is empty"), TEMPORARY),
    "no connection": (Unavailable("connection refused", outlook=BUSY), BUSY),
    "a reply that cannot be read": (Unavailable("no HTTP", maybe_stored=True, outlook=DOUBTFUL), DOUBTFUL),
}


@pytest.mark.parametrize(("failure", "expected"), NO_REPLY.values(), ids=NO_REPLY)
def test_no_reply(failure: Unavailable, expected: Outlook) -> None:
    """The row `no reply` counts if a request may have arrived and no reply came."""
    assert failure == Answers(NEVER_TWICE).after(failure)
    assert expected is Answers(NEVER_TWICE).after(failure).outlook
    assert failure.outlook is BY_DEFAULT.after(failure).outlook


def test_every_row_can_be_replaced() -> None:
    """Each key of the table may stand in a configuration, but for the successes."""
    keys = set(DEFAULTS) - {"HTTP 2xx"}
    assert keys == {key for key in keys if HL7_KEY.fullmatch(key) or DICOM_KEY.fullmatch(key)}


FOR_HL7 = {
    "no reply": "temporary",
    "HTTP 409": "temporary",
    "MSA-1 AR": "final",
    "ERR-3 207": "final",
    "ERR-3 L.17": "busy",
}
FOR_DICOM = {"HTTP 5xx": "final", "DICOM 0110": "final", "DICOM A7xx": "busy", "DICOM A701": "doubtful"}
KINDS: dict[str, tuple[type[Hl7v2StoreSettings | HttpSettings | DicomwebSettings], dict[str, str]]] = {
    "hl7v2_store": (Hl7v2StoreSettings, FOR_HL7),
    "http": (HttpSettings, FOR_HL7),
    "dicomweb": (DicomwebSettings, FOR_DICOM),
}


@pytest.mark.parametrize("kind", KINDS)
def test_settings(kind: str) -> None:
    """Each kind of destination takes the keys of its own replies."""
    model, rows = KINDS[kind]
    assert rows == model.model_validate({"kind": kind, "url": URL, "answers": rows}).answers


WRONG = {
    "a success": ("http", "HTTP 200", "final"),
    "no status": ("http", "HTTP 600", "final"),
    "a status alone": ("http", "409", "final"),
    "a positive acknowledgement": ("hl7v2_store", "MSA-1 AA", "final"),
    "a Failure Reason to an HL7 store": ("hl7v2_store", "DICOM A700", "final"),
    "an acknowledgement to a DICOM store": ("dicomweb", "MSA-1 AE", "final"),
    "a duplicate": ("dicomweb", "DICOM 0111", "temporary"),
    "Azure's duplicate": ("dicomweb", "DICOM B00E", "temporary"),
    "an unknown word": ("http", "HTTP 409", "later"),
}


@pytest.mark.parametrize(("kind", "key", "word"), WRONG.values(), ids=WRONG)
def test_wrong_rows(kind: str, key: str, word: str) -> None:
    """A key that no reply of the store can have is a mistake in the configuration."""
    model: type[BaseModel] = KINDS[kind][0]
    with pytest.raises(ValidationError, match=r"must be like|Input should be"):
        model.model_validate({"kind": kind, "url": URL, "answers": {key: word}})


FAILURES: dict[str, tuple[int, int | None, Outlook]] = {
    "out of resources": (409, 0xA700, TEMPORARY),
    "out of resources with 200": (200, 0xA701, TEMPORARY),
    "resource limitation": (409, 0x0213, TEMPORARY),
    "being stored": (409, 0xB00F, TEMPORARY),
    "does not match": (409, 0xA900, FINAL),
    "cannot understand": (409, 0xC001, FINAL),
    "processing failure": (200, 0x0110, DOUBTFUL),
    "not supported": (409, 0x0122, FINAL),
    "no reason with 200": (200, None, FINAL),
    "no reason with 400": (400, None, FINAL),
    "no reason with 503": (503, None, BUSY),
    "an unknown reason with 500": (500, 0x0105, TEMPORARY),
}


def outlook_of(outcome: Outcome | Doubt | None) -> Outlook:
    """Return what to expect from sending again after a failure."""
    assert outcome is not None
    outcome = outcome.unknown if isinstance(outcome, Doubt) else outcome
    assert not isinstance(outcome, Stored)
    return outcome.outlook


@pytest.mark.parametrize(("status", "reason", "expected"), FAILURES.values(), ids=FAILURES)
def test_failure_of_an_instance(status: int, reason: int | None, expected: Outlook) -> None:
    """The store's verdict on an instance counts before its status."""
    report = Report({"1.2": Failed(reason)})
    assert expected is outlook_of(stow_outcome(Reply(status, {}, b""), report, Failed(reason)))


def test_resource_limitation_in_relay_mode() -> None:
    """The peer is told to send again where the store says that only its resources are missing."""
    reply = Reply(409, {}, b"")
    assert isinstance(stow_outcome(reply, Report({}), Failed(0x0213)), Unavailable)


def test_rows_reach_the_verdict() -> None:
    """The rows of a destination count for one instance and for several."""
    report, reply, answers = Report({"1.2": Failed(0x0110)}), Reply(409, {}, b""), Answers({"DICOM 0110": FINAL})
    assert FINAL is outlook_of(stow_outcome(reply, report, Failed(0x0110), answers))
    assert FINAL is outlook_of(batch_outcome(reply, report, "1.2", answers))
