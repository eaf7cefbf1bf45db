"""The life of a message as a timeline, from the rows of the journal."""

from collections.abc import Mapping, Sequence

from gateway.contract.explained import Explanation, Part, part
from gateway.contract.journal import Row
from gateway.screen.explaining.rows import step_of, type_of

MOST_MESSAGES = 5
UNKNOWN = (
    "The journal has no such message. It is searched for a control ID, a SOP Instance UID or an ID of Hilum, as a "
    "whole; the message may be older than the journal, or may have come in where no journal is kept."
)
WAITING = ("committed", "retried", "unavailable")
ENDS: Mapping[str, str] = {
    "stored": "{to} has it.",
    "parked": "It stays in the spool until somebody decides.",
    "discarded": "Somebody gave it up for good; the record in the spool has the reason.",
    "waits": "It is safe in the spool, and is delivered to {to} by itself.",
    "unavailable": "Hilum does not have it: its sender was told to send it again.",
    "refused": "Nobody has it: its sender was told that it is refused, and sending it again is useless.",
}


def explain_message(name: str, found: Sequence[Row], now: float) -> Explanation:
    """Explain every message that has this ID; a sender may use a control ID twice."""
    by_message: dict[str, list[Row]] = {}
    for row in sorted(found, key=lambda each: each.at):
        by_message.setdefault(row.message_id, []).append(row)
    latest = sorted(by_message.items(), key=lambda each: -each[1][-1].at)
    parts = [_part(message_id, rows) for message_id, rows in latest[:MOST_MESSAGES]]
    if len(latest) > MOST_MESSAGES:
        parts.append(part(f"{len(latest) - MOST_MESSAGES} earlier messages with this ID are not shown."))
    mends = list(dict.fromkeys(mend for _, rows in latest[:MOST_MESSAGES] if (mend := _mend(rows))))
    return Explanation(
        at=now,
        subject_kind="message",
        subject=name,
        found=bool(found),
        parts=parts or [part(UNKNOWN)],
        mends=mends,
    )


def _part(message_id: str, rows: Sequence[Row]) -> Part:
    first = next((each for each in rows if each.listener), rows[0])
    begin = f"{type_of(first)} from {first.peer}" if first.peer else type_of(first)
    return part(f"{begin}, message {message_id}:", _end(rows), steps=[step_of(each) for each in rows])


def _end(rows: Sequence[Row]) -> str:
    """Return where the message is now."""
    last = rows[-1]
    is_committed = any(each.outcome == "committed" for each in rows) or not last.listener
    outcome = "waits" if is_committed and last.outcome in WAITING else last.outcome
    return ENDS.get(outcome, "").format(to=last.destination or "its destination")


def _mend(rows: Sequence[Row]) -> str:
    last = rows[-1]
    if last.outcome == "parked":
        return f"Correct the reason, then: hilum spool retry CONFIG --destination {last.destination}"
    if last.outcome == "refused" and last.listener:
        return f"Correct the message at {last.peer}, or what refuses it: {last.reason or 'no reason is known'}."
    return ""
