"""Rows of the journal in words."""

from collections.abc import Mapping

from gateway.contract.explained import Step
from gateway.contract.journal import Row
from gateway.screen.explaining.wording import name_of, seconds, several

OUTCOMES: Mapping[str, str] = {
    "stored": "stored",
    "committed": "committed to the spool",
    "refused": "REFUSED",
    "unavailable": "NOT DELIVERED",
    "parked": "PARKED: somebody has to decide",
    "retried": "tried again later",
    "discarded": "DISCARDED: somebody gave it up",
    "duplicate": "a duplicate of an earlier message: acknowledged, not stored again",
    "none": "not delivered, because nobody asked for it",
}


def step_of(row: Row) -> Step:
    """Return what happened in one line."""
    return Step(at=row.at, text=_attempt(row) if not row.listener else _answered(row))


def type_of(row: Row) -> str:
    """Return the type of a message as people name it."""
    return name_of(row.type) if row.type[:1].isdigit() else row.type or "a message"


def _answered(row: Row) -> str:
    came = f"{row.listener} got {type_of(row)} from {row.peer} ({row.address}), {several(row.octets, 'octet')}"
    where = f" by {row.destination}" if row.destination and row.outcome == "stored" else ""
    to = f" for {row.destination}" if row.destination and row.outcome != "stored" else ""
    tries = f", {several(row.attempts, 'attempt')}" if row.attempts > 1 else ""
    answer = f"; answered {row.answer} after {seconds(row.seconds)}" if row.answer else "; no answer was sent"
    return f"{came}: {OUTCOMES.get(row.outcome, row.outcome)}{where}{to}{tries}{_reason(row)}{answer}"


def _attempt(row: Row) -> str:
    took = f", after {seconds(row.seconds)}" if row.seconds else ""
    number = f"attempt {row.attempts} to deliver" if row.attempts else "delivery"
    return f"{number} to {row.destination}: {OUTCOMES.get(row.outcome, row.outcome)}{_reason(row)}{took}"


def _reason(row: Row) -> str:
    return f" ({row.reason})" if row.reason else ""
