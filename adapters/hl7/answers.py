"""The acknowledgements of a message, decided by its outcome, the table of codes, ``MSH-15`` and ``MSH-16``."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from adapters.hl7.acknowledgement import CONDITIONS, POSITIVE, Condition, acknowledge, answer_code
from adapters.hl7.er7 import Header
from adapters.hl7.intake import is_acknowledgement
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.records import record
from gateway.contract.settings import Settings

Negative = Literal["AE", "AR"]
ApplicationAck = Literal["same_connection", "never"]
AfterCommitNak = Literal["none", "application_ack"]

_TABLE_0155 = frozenset({b"AL", b"NE", b"ER", b"SU"})
_UNSUPPORTED = frozenset({"200", "201", "202", "203"})


class AnswerCodes(Settings):
    """The acknowledgement code for each outcome that is not ``Stored``. ``CE`` and ``CR`` follow the same table."""

    refused: Negative = "AE"
    """Code if the content is wrong, so that sending it again is useless."""
    unsupported: Negative = "AR"
    """Code if this type, event, version or processing ID is not accepted."""
    unavailable: Negative = "AR"
    """Code if the reason is unrelated to the content, so that the sender may send it again."""


@record
class Answer:
    """One block to send back."""

    code: str
    """``MSA-1``, which is also a label of metrics."""
    block: bytes


@record
class Answering:
    """How a listener answers. Clock and source of control IDs are passed in, so that the code here does no I/O."""

    now: Callable[[], datetime]
    """Returns the time, with a time zone."""
    new_id: Callable[[], str]
    """Returns a new control ID of at most 20 characters."""
    codes: AnswerCodes
    application_ack: ApplicationAck = "same_connection"
    """Whether the application acknowledgement of enhanced mode is sent at all."""
    after_commit_nak: AfterCommitNak = "none"
    """Whether an application acknowledgement follows a negative commit acknowledgement, or nothing."""


def answers(header: Header, outcome: Outcome, answering: Answering) -> list[Answer]:
    """Return the answers to one message, in order: at most a commit acknowledgement and an application one.

    In relay mode a commit acknowledgement is also the store's verdict: ``CA`` means that the outcome is ``Stored``.
    """
    commit, application = _asked(header)
    if not commit and not application:
        return [one_answer(header, outcome, answering)]
    if isinstance(outcome, Stored) and outcome.second is not None:
        return _both(header, outcome, outcome.second, answering)
    is_stored = isinstance(outcome, Stored)
    kinds = ["C"] if _wanted(commit, is_stored=is_stored) else []
    # A message that was not committed is not processed, so no application can acknowledge it.
    ends = bool(kinds) and not is_stored and answering.after_commit_nak == "none"
    if _wanted(application, is_stored=is_stored) and answering.application_ack == "same_connection" and not ends:
        kinds.append("A")
    return [one_answer(header, outcome, answering, kind) for kind in kinds]


def _both(header: Header, outcome: Stored, second: bytes, answering: Answering) -> list[Answer]:
    """Return what the header asks for of the store's commit acknowledgement and its application's verdict, *second*.

    Where *second* is empty, that verdict did not come, and none is made up.
    """
    commit, application = _asked(header)
    found = [one_answer(header, outcome, answering, "C")] if _wanted(commit, is_stored=True) else []
    is_positive = answer_code(second) in POSITIVE
    is_wanted = _wanted(application, is_stored=is_positive) and answering.application_ack == "same_connection"
    if is_wanted and _fits_a_block(second):
        found.append(Answer(answer_code(second), second))
    return found


def asks_for_answer(header: Header) -> bool:
    """Return whether ``MSH-15`` or ``MSH-16`` asks for an answer in at least one case."""
    return any(condition not in (b"", b"NE") for condition in _asked(header))


def application_ack_asked(header: Header) -> Literal["always", "errors", "never"]:
    """Return when an application acknowledgement is due behind a positive commit acknowledgement (``MSH-16``)."""
    application = _asked(header)[1]
    return "errors" if application == b"ER" else "always" if application in (b"AL", b"SU") else "never"


def answer_is_due(header: Header) -> bool | None:
    """Return True if an answer must be sent, False if it must not, None if that depends on the outcome."""
    conditions = set(_asked(header)) - {b""}
    if not conditions:
        return not is_acknowledgement(header)
    if b"AL" in conditions or conditions >= {b"ER", b"SU"}:
        return True
    return False if conditions == {b"NE"} else None


def _asked(header: Header) -> tuple[bytes, bytes]:
    """Return ``MSH-15`` and ``MSH-16``, empty if the value is not in table 0155. Both empty means original mode."""
    commit, application = (header.first(number).strip().upper() for number in (15, 16))
    return commit if commit in _TABLE_0155 else b"", application if application in _TABLE_0155 else b""


def _wanted(condition: bytes, *, is_stored: bool) -> bool:
    return condition in (b"AL", b"SU" if is_stored else b"ER")


def one_answer(header: Header, outcome: Outcome, answering: Answering, kind: str = "") -> Answer:
    """Return the store's own reply if it is of this *kind* (``C``, ``A``, or empty for any), else one made here."""
    reply = outcome.reply
    if reply is not None and _fits_a_block(reply):
        said = answer_code(reply)
        if said.startswith(kind):
            return Answer(said or _verdict(outcome, answering.codes)[0], reply)
    code, condition = _verdict(outcome, answering.codes)
    code = (kind or "A") + code[1]
    block = acknowledge(header, code, control_id=answering.new_id(), now=answering.now(), condition=condition)
    return Answer(code, block)


def _fits_a_block(reply: bytes) -> bool:
    """Return whether *reply* can be sent as one MLLP block, and is not empty."""
    if b"\x1c" in reply or b"\x0b" in reply:
        return False
    return reply.startswith(b"MSH") or bool(reply.strip(b" \t\r\n\0\xef\xbb\xbf"))


def _verdict(outcome: Outcome, codes: AnswerCodes) -> tuple[str, Condition | None]:
    match outcome:
        case Stored():
            return "AA", None
        case Unavailable(reason):
            return codes.unavailable, Condition("207", reason)
        case Refused(reason, code=code) if outcome.unsupported or code in _UNSUPPORTED:
            return codes.unsupported, Condition(code if code in CONDITIONS else "200", reason, outcome.findings)
        case Refused(reason, code=code):
            return codes.refused, Condition(code if code in CONDITIONS else "207", reason, outcome.findings)
