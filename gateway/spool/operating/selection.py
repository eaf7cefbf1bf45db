"""Reads which entries of the spool an operator means, from the words of a command line, a query or a JSON body.

A word that is not understood is an error and is never ignored: without it the selection would have more entries than
the operator thinks. All functions raise ConfigError, whose text names the word and what to change.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from gateway.contract.errors import ConfigError
from gateway.spool import Selection, State

FILTERS = ("destination", "state", "listener", "older_than", "reason_like", "control_id", "sop_instance_uid")
MOVE_FILTERS = ("from", *FILTERS[1:])
"""In a move, ``from`` stands in the place of ``destination``."""
UNDECIDED = (State.PARKED, State.WAITING)
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
"""The units of an age."""
MOST = 1000
"""Entries on one page, or named at once."""
LONGEST_REASON = 200

Words = Mapping[str, object]
"""The value of each word that was given, by the word's name."""


def read_selection(words: Words, now: float) -> Selection:
    """Return the entries that match all given FILTERS and ``ids``; ages count back from the epoch second *now*."""
    older_than = read_text(words, "older_than")
    return Selection(
        destination=read_text(words, "destination"),
        state=_state(words),
        listener=read_text(words, "listener"),
        received_before=None if older_than is None else now - read_age(older_than),
        entry_ids=_ids(words),
        reason_like=read_text(words, "reason_like"),
        control_id=read_text(words, "control_id"),
        sop_instance_uid=read_text(words, "sop_instance_uid"),
    )


def read_decision(words: Words, now: float) -> Selection:
    """Return the entries to be retried or discarded: parked ones unless ``ids`` or a state say otherwise.

    ``all``, or a state alone, is refused: whoever means many entries has to name their destination or their reason.
    """
    selection = read_selection(words, now)
    if selection == Selection() and not read_flag(words, "all"):
        raise ConfigError(f"nothing is selected; give ids, {_listed()}, or all with destination or reason_like")
    _refuse_decided(selection.state)
    if replace(selection, state=None, received_before=None) == Selection():
        given = next((each for each in ("all", "state") if words.get(each)), "older_than")
        raise ConfigError(f"{given}: means the entries of every destination; add destination or reason_like")
    if selection.state is None and selection.entry_ids is None:
        return replace(selection, state=State.PARKED)
    return selection


def read_export(words: Words, now: float) -> Selection:
    """Return the entries whose payloads are copied: waiting and parked ones, unless a state or IDs say otherwise."""
    selection = read_selection(words, now)
    if selection == Selection() and not read_flag(words, "all"):
        raise ConfigError(f"nothing is selected; give ids, {_listed()}, or all for all that waits or is parked")
    return selection


def read_flag(words: Words, name: str) -> bool:
    """Return the value of a word that is true or false, false if it is not given; a query has it as text."""
    value = words.get(name, False)
    if value not in (True, False, "true", "false") or not isinstance(value, bool | str):
        raise ConfigError(f"{name}: is neither true nor false; write true, or leave {name} out")
    return value in (True, "true")


def _listed() -> str:
    return ", ".join(FILTERS)


def read_move(words: Words, now: float) -> tuple[Selection, str]:
    """Return the entries to be moved, parked and waiting ones, and the destination that gets them."""
    source, to = read_text(words, "from"), read_text(words, "to")
    if source is None or to is None:
        raise ConfigError("from, to: are not both given; name the destination that has the entries, and the new one")
    if source == to:
        raise ConfigError(f"to: is {to!r}, the same as from; name another destination")
    selection = replace(read_selection(words, now), destination=source)
    _refuse_decided(selection.state)
    return selection, to


def describe(selection: Selection) -> str:
    """Return which entries are selected, as a line for a log or an audit trail."""
    parts = {
        "destination": selection.destination,
        "state": selection.state,
        "listener": selection.listener,
        "received before": None if selection.received_before is None else _as_time(selection.received_before),
        "reason like": None if selection.reason_like is None else "a text",  # it may name a patient
        "control ID": selection.control_id,
        "SOP Instance UID": selection.sop_instance_uid,
        "IDs": None if selection.entry_ids is None else ", ".join(sorted(selection.entry_ids)),
    }
    return "; ".join(f"{name}: {value}" for name, value in parts.items() if value is not None) or "all entries"


def _as_time(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _refuse_decided(state: State | None) -> None:
    if state is not None and state not in UNDECIDED:
        raise ConfigError(f"state: {state} entries stay as they are; choose parked or waiting")


def read_age(text: str) -> float:
    """Return the seconds of an age such as ``90s``, ``15m``, ``2h`` or ``7d``."""
    found = re.fullmatch(r"([0-9]{1,9})([smhd])", text)
    if found is None:
        raise ConfigError(f"older_than: {text!r} is not an age; write one such as 90s, 15m, 2h or 7d")
    return float(int(found[1]) * SECONDS[found[2]])


def read_limit(words: Words) -> int:
    """Return how many entries a page may hold."""
    text = words.get("limit", 100)
    limit = int(str(text)) if re.fullmatch("[0-9]{1,9}", str(text)) else 0
    if not 1 <= limit <= MOST:
        raise ConfigError(f"limit: {text!r} is not a page size; write a number from 1 to {MOST}")
    return limit


def read_reason(words: Words) -> str:
    """Return why entries are discarded; it is kept in their records."""
    reason = (read_text(words, "reason") or "").strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise ConfigError(f"reason: has {len(reason)} characters; say why in 1 to {LONGEST_REASON}, which are kept")
    return reason


def read_text(words: Words, name: str) -> str | None:
    """Return a line of text, None if it was not given. An empty one is an error: a shell variable may not be set."""
    if name not in words:
        return None
    text = words[name]
    if not isinstance(text, str) or not text or not text.isprintable():
        raise ConfigError(f"{name}: is not a line of text; give one or leave {name} out")
    return text


def refuse_unknown(names: Iterable[str], known: Sequence[str]) -> None:
    """Raise ConfigError if there is a name that is not *known*, or one that is given twice."""
    left = set(known)
    for name in names:
        if name not in left:
            raise ConfigError(f"{name}: is not known here or stands twice; known are {', '.join(known) or 'no words'}")
        left.remove(name)


def _state(words: Words) -> State | None:
    text = read_text(words, "state")
    if text is not None and text not in list(State):
        raise ConfigError(f"state: {text!r} is not a state; the states are {', '.join(State)}")
    return None if text is None else State(text)


def _ids(words: Words) -> frozenset[str] | None:
    if "ids" not in words:
        return None
    ids = words["ids"]
    if not isinstance(ids, list) or not 0 < len(ids) <= MOST or not all(isinstance(each, str) for each in ids):
        raise ConfigError(f"ids: is not a list of 1 to {MOST} entry IDs; name some or leave it out")
    return frozenset(ids)
