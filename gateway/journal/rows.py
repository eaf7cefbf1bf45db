"""Makes the rows of the journal from what listeners tell, without anything that could name a patient."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import cast

from gateway.contract.journal import Answered, Attempted, Passages, Row, first_of, names_of, printable
from gateway.contract.outcome import Outcome, Stored, word_of

LONGEST_KEY = 199
LONGEST_REASON = 300
NOT_DELIVERED = "an acknowledgement that asks for no answer"
NOWHERE = ("", 0, "")

MOST_KNOWN = 10_000

_new_row = tuple.__new__
"""Makes a row of its values; ``Row(…)`` takes three times as long."""

Told = tuple[object, ...]
"""The values of an ``Answered``, or an ``Attempted``."""
KeyOf = Callable[[str, str], str]
"""By listener and identifier, what is kept of the identifier."""
Word = tuple[str, str]
"""Of an outcome, and the reason."""


def keep_clear(_: str, key: str) -> str:
    """Keep an identifier as it is."""
    return key


class RowMaker:
    """Turns what was recorded into rows; used by the thread of the journal only."""

    def __init__(self, passages: Passages, key_of: KeyOf = keep_clear, keyed: Collection[str] | None = None) -> None:
        self._passages = passages
        self.kept = key_of
        """Returns what is kept of an identifier of a listener."""
        self._keyed = keyed
        """The listeners of which *key_of* changes the identifiers; None if that is not known."""

    def rows_of(self, batch: Iterable[Told]) -> list[Row]:
        """Return a row for each of *batch*, in order."""
        # One loop with few calls, because each message of the gateway passes it.
        rows: list[Row] = []
        pop, keyed, append = self._passages.pop, self._keyed, rows.append
        for told in batch:
            if type(told) is Attempted:
                append(self._attempt(told))
                continue
            at, message, facts, address, key, octets, outcome, answer, reason, seconds = cast("Answered", told)
            listener, peer, kind = facts if isinstance(facts, tuple) else names_of(facts)
            destination, attempts, instead = pop(message, NOWHERE)
            if type(outcome) is not str or reason:
                outcome, reason = _word(outcome, reason)
            if instead and outcome == "committed":
                outcome = instead
            if len(key) > LONGEST_KEY or not key.isprintable():
                key = printable(key, LONGEST_KEY)
            if key and (keyed is None or listener in keyed):
                key = self.kept(listener, key)
            values = (
                at,
                message,
                listener,
                peer or address.rpartition(":")[0],
                address,
                key,
                kind,
                octets,
                outcome,
                answer,
                reason,
                destination,
                attempts,
                seconds,
            )
            append(_new_row(Row, values))
        return rows

    def forget(self) -> None:
        """Forget where messages went of which nothing was told, such as those whose peer has left: they add up."""
        if len(self._passages) > MOST_KNOWN:
            self._passages.clear()

    def _attempt(self, told: Attempted) -> Row:
        listener, peer, kind = names_of(told.facts)
        return Row(
            told.at,
            told.message_id,
            "",
            peer,
            told.address,
            self.key_of(listener, told.identifiers),
            kind,
            told.octets,
            told.outcome,
            "",
            told.reason[:LONGEST_REASON],
            told.destination,
            told.attempts,
            told.seconds,
        )

    def key_of(self, listener: str, identifiers: Mapping[str, str]) -> str:
        """Return what is kept of a message's identifier."""
        key = printable(first_of(identifiers), LONGEST_KEY)
        return key and self.kept(listener, key)


def _word(outcome: Outcome | str | None, reason: str) -> Word:
    """Return the word and the reason of an outcome; *reason* is that of one that is given as a word."""
    if outcome is None:
        return "none", NOT_DELIVERED
    if isinstance(outcome, str):
        return outcome, reason[:LONGEST_REASON]
    return word_of(outcome), "" if isinstance(outcome, Stored) else outcome.reason[:LONGEST_REASON]
