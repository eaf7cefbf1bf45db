"""Makes the rows of the journal from what listeners tell, without anything that could name a patient."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import cast

from gateway.contract.journal import Answered, Attempted, Passages, Row, Signature, hl7_type_of, peer_of, printable
from gateway.contract.message import UID
from gateway.contract.outcome import Outcome, Stored, word_of

LONGEST_KEY = 199
LONGEST_TYPE = 64
LONGEST_REASON = 300
LONGEST_SIGNATURE = 250
"""Octets of a signature that is remembered."""
NOT_DELIVERED = "an acknowledgement that asks for no answer"
NOWHERE = ("", 0, "")

MOST_KNOWN = 10_000

_new_row = tuple.__new__
"""Makes a row of its values; ``Row(…)`` takes three times as long."""

Names = tuple[str, str, str]
"""Listener, peer and type."""
KeyOf = Callable[[str, str], str]
"""By listener and identifier, what is kept of the identifier."""


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
        """The listeners whose identifiers *key_of* changes; None if that is not known."""
        self._known: dict[Signature | None, Names] = {}

    def rows_of(self, batch: Iterable[tuple[object, ...]]) -> list[Row]:
        """Return a row for each of *batch*: the values of an ``Answered``, or an ``Attempted``."""
        # One loop with few calls, because each message of the gateway passes it.
        rows: list[Row] = []
        known, passages, kept, keyed = self._known, self._passages, self.kept, self._keyed
        for told in batch:
            if type(told) is Attempted:
                rows.append(self._attempt(told))
                continue
            at, message, facts, address, identifiers, octets, outcome, answer, reason, seconds = cast("Answered", told)
            destination, attempts, word = passages.pop(message, NOWHERE)
            if type(outcome) is Stored:
                outcome = "committed" if outcome.is_committed else "stored"
            else:
                outcome, reason = _words(outcome, reason)
            if word and outcome == "committed":
                outcome = word
            sign = getattr(facts, "signature", None)
            found = None if sign is None else known.get(sign())
            listener, peer, kind = self._names(facts) if found is None else found
            key = _first(identifiers)
            if key and (keyed is None or listener in keyed):
                key = kept(listener, key)
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
            rows.append(_new_row(Row, values))
        return rows

    def forget(self) -> None:
        """Forget where messages went of which nothing was told, such as those whose peer has left: they add up."""
        if len(self._passages) > MOST_KNOWN:
            self._passages.clear()

    def _attempt(self, told: Attempted) -> Row:
        return Row(
            told.at,
            told.message_id,
            "",
            peer_of(told.facts),
            told.address,
            self.key_of(told.facts.get("listener", ""), told.identifiers),
            _type_of(told.facts),
            told.octets,
            told.outcome,
            "",
            told.reason[:LONGEST_REASON],
            told.destination,
            told.attempts,
            told.seconds,
        )

    def _names(self, facts: Mapping[str, str]) -> Names:
        """Return the listener, the peer and the type of a message, and remember them if it is signed."""
        sign = getattr(facts, "signature", None)
        signature = None if sign is None else sign()  # before the facts are read: there is none afterwards
        found = facts.get("listener", ""), peer_of(facts), _type_of(facts)
        # A peer without a name has its address, which is not in the signature.
        is_named = found[1] != facts.get("peer_ip")
        if signature is not None and is_named and sum(map(len, signature)) <= LONGEST_SIGNATURE:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[signature] = found
        return found

    def key_of(self, listener: str, identifiers: Mapping[str, str]) -> str:
        """Return what is kept of a message's identifier."""
        key = _first(identifiers)
        return key and self.kept(listener, key)


def _first(identifiers: Mapping[str, str]) -> str:
    """Return the first of *identifiers* as it may be kept; empty if there is none."""
    for each in identifiers.values():
        return each if len(each) <= LONGEST_KEY and each.isprintable() else printable(each, LONGEST_KEY)
    return ""


def _words(outcome: Outcome | str | None, reason: str) -> tuple[str, str]:
    """Return the word and the reason of an outcome; *reason* is that of one that is given as a word."""
    if outcome is None:
        return "none", NOT_DELIVERED
    if isinstance(outcome, str):
        return outcome, reason[:LONGEST_REASON]
    return word_of(outcome), "" if isinstance(outcome, Stored) else outcome.reason[:LONGEST_REASON]


def _type_of(facts: Mapping[str, str]) -> str:
    """Return the type of a message, if it is one: a peer may write anything in its place.

    Of a request over HTTP it is the interaction, since the type of resource is a word of its address.
    """
    if "message_type" in facts:
        return hl7_type_of(facts)
    if (uid := facts.get("sop_class_uid")) is not None:
        return uid if UID.fullmatch(uid) else ""
    return printable(facts.get("interaction") or facts.get("resource_type", ""), LONGEST_TYPE)
