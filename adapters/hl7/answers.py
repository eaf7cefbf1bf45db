"""Which acknowledgements a message gets: from its outcome, the table of codes, and ``MSH-15`` and ``MSH-16``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from adapters.hl7.acknowledgement import CONDITIONS, Condition, acknowledge, answer_code
from adapters.hl7.er7 import Header
from adapters.hl7.intake import is_acknowledgement
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.settings import Settings

Negative = Literal["AE", "AR"]
ApplicationAck = Literal["same_connection", "never"]
AfterCommitNak = Literal["none", "application_ack"]

_TABLE_0155 = frozenset({b"AL", b"NE", b"ER", b"SU"})
_UNSUPPORTED = frozenset({"200", "201", "202", "203"})


class AnswerCodes(Settings):
    """The acknowledgement for each outcome that is not ``Stored``. ``CE`` and ``CR`` go by the same table."""

    refused: Negative = "AE"
    """The content is wrong; sending it again is useless."""
    unsupported: Negative = "AR"
    """This type, event, version or processing ID is not taken here."""
    unavailable: Negative = "AR"
    """A reason unrelated to content; the sender may send it again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One block to send back."""

    code: str
    """``MSA-1``, the label in the metrics."""
    block: bytes


@dataclass(frozen=True, slots=True)
class Answering:
    """How a listener answers; its own clock and source of control IDs keep it pure."""

    now: Callable[[], datetime]
    """The time, with a zone."""
    new_id: Callable[[], str]
    """A new control ID of at most 20 characters at each call."""
    codes: AnswerCodes
    application_ack: ApplicationAck = "same_connection"
    """Whether the application acknowledgement of enhanced mode is sent at all."""
    after_commit_nak: AfterCommitNak = "none"
    """What follows a negative commit acknowledgement: it ends the exchange, or the application one comes as well."""


def answers(header: Header, outcome: Outcome, answering: Answering) -> list[Answer]:
    """Return what goes back for one message, in order: at most a commit acknowledgement and an application one.

    In relay mode a commit acknowledgement is the store's verdict too: ``CA`` means that the outcome is ``Stored``.
    """
    commit, application = _asked(header)
    if not commit and not application:
        return [_answer(header, outcome, answering)]
    kinds = ["C"] if _wanted(commit, outcome) else []
    # What was not committed is not processed, so there is nothing that an application could acknowledge.
    ends = bool(kinds) and not isinstance(outcome, Stored) and answering.after_commit_nak == "none"
    if _wanted(application, outcome) and answering.application_ack == "same_connection" and not ends:
        kinds.append("A")
    return [_answer(header, outcome, answering, kind) for kind in kinds]


def asks_for_answer(header: Header) -> bool:
    """Tell whether ``MSH-15`` or ``MSH-16`` asks for an answer to at least some outcome."""
    return any(condition not in (b"", b"NE") for condition in _asked(header))


def answer_is_due(header: Header) -> bool | None:
    """Tell whether an answer must come, or that it must not; None where that depends on the outcome."""
    conditions = set(_asked(header)) - {b""}
    if not conditions:
        return not is_acknowledgement(header)
    if b"AL" in conditions or conditions >= {b"ER", b"SU"}:
        return True
    return False if conditions == {b"NE"} else None


def _asked(header: Header) -> tuple[bytes, bytes]:
    """Return ``MSH-15`` and ``MSH-16``, empty where table 0155 does not have the value. Both empty: original mode."""
    commit, application = (header.first(number).strip().upper() for number in (15, 16))
    return commit if commit in _TABLE_0155 else b"", application if application in _TABLE_0155 else b""


def _wanted(condition: bytes, outcome: Outcome) -> bool:
    return condition in (b"AL", b"SU" if isinstance(outcome, Stored) else b"ER")


def _answer(header: Header, outcome: Outcome, answering: Answering, kind: str = "") -> Answer:
    """Return the store's own reply where it has one of this *kind* (``C``, ``A``; empty takes any), else ours."""
    code, condition = _verdict(outcome, answering.codes)
    reply = None if isinstance(outcome, Unavailable) else outcome.reply
    if reply is not None and _fits_a_block(reply):
        said = answer_code(reply)
        if said.startswith(kind):
            return Answer(said or code, reply)
    code = (kind or "A") + code[1]
    block = acknowledge(header, code, control_id=answering.new_id(), now=answering.now(), condition=condition)
    return Answer(code, block)


def _fits_a_block(reply: bytes) -> bool:
    """Tell whether a block with *reply* is one, and not an empty one."""
    return b"\x1c" not in reply and b"\x0b" not in reply and bool(reply.strip(b" \t\r\n\0\xef\xbb\xbf"))


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
