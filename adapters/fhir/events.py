"""What an ADT event says of the encounter and of the patient."""

from dataclasses import dataclass
from enum import Enum


class Encounter(Enum):
    """What becomes of the encounter of a message."""

    NONE = "no encounter"
    """The event is about the person; PV1 is often sent along as filling."""
    CHANGES = "its data changes, its status does not"
    SETS = "its status is set"


class Linking(Enum):
    """What an event does with two records."""

    NONE = "nothing"
    MERGE = "the record of MRG becomes part of the record of PID"
    MERGE_ALL = "the record and the account of MRG become part of those of PID"
    LINK = "two records belong to the same person"
    UNLINK = "they do not"
    MOVE_IDENTIFIER = "the identifier of MRG belongs to the patient of PID"
    MOVE_VISIT = "the visit of MRG belongs to the patient of PID"
    MERGE_VISIT = "the visit of MRG becomes part of the visit of PV1"
    RENUMBER_VISIT = "the visit of MRG has the number in PV1"
    MERGE_ACCOUNT = "the account of MRG becomes part of the account of PID"
    MOVE_ACCOUNT = "the account of MRG belongs to the patient of PID"


@dataclass(frozen=True, slots=True)
class Event:
    """One trigger event."""

    encounter: Encounter = Encounter.CHANGES
    status: str = ""
    clears: tuple[str, ...] = ()
    """Elements of the encounter that the event removes."""
    linking: Linking = Linking.NONE
    deactivates: bool = False
    activates: bool = False
    """Whether the person is added, perhaps after it was deleted."""
    changes_class: bool = False


def _sets(status: str, *clears: str) -> Event:
    return Event(Encounter.SETS, status, clears)


_PERSON = Event(Encounter.NONE)
_CLASS = Event(Encounter.SETS, "in-progress", changes_class=True)
_MOVES = Event()
_MERGES = Event(Encounter.NONE, linking=Linking.MERGE)

EVENTS = {
    "A01": _sets("in-progress"),
    "A02": _MOVES,
    "A03": _sets("finished"),
    "A04": _sets("in-progress"),
    "A05": _sets("planned"),
    "A06": _CLASS,
    "A07": _CLASS,
    "A08": _MOVES,
    "A09": _MOVES,
    "A10": _MOVES,
    "A11": _sets("cancelled"),
    "A12": _MOVES,
    "A13": _sets("in-progress", "period.end", "hospitalization.dischargeDisposition", "hospitalization.destination"),
    "A14": _sets("planned"),
    "A15": _MOVES,
    "A16": _MOVES,
    "A17": _MOVES,
    "A18": _MERGES,
    "A21": _sets("onleave"),
    "A22": _sets("in-progress"),
    "A23": _sets("entered-in-error"),
    "A24": Event(Encounter.NONE, linking=Linking.LINK),
    "A25": _MOVES,
    "A26": _MOVES,
    "A27": _sets("cancelled"),
    "A28": Event(Encounter.NONE, activates=True),
    "A29": Event(Encounter.NONE, deactivates=True),
    "A31": _PERSON,
    "A34": _MERGES,
    "A35": Event(Encounter.NONE, linking=Linking.MERGE_ACCOUNT),
    "A36": Event(Encounter.NONE, linking=Linking.MERGE_ALL),
    "A37": Event(Encounter.NONE, linking=Linking.UNLINK),
    "A38": _sets("cancelled"),
    "A39": _MERGES,
    "A40": _MERGES,
    "A41": Event(Encounter.NONE, linking=Linking.MERGE_ACCOUNT),
    "A42": Event(Encounter.CHANGES, linking=Linking.MERGE_VISIT),
    "A43": Event(Encounter.NONE, linking=Linking.MOVE_IDENTIFIER),
    "A44": Event(Encounter.NONE, linking=Linking.MOVE_ACCOUNT),
    "A45": Event(Encounter.CHANGES, linking=Linking.MOVE_VISIT),
    "A50": Event(Encounter.CHANGES, linking=Linking.RENUMBER_VISIT),
    "A60": _PERSON,
}
"""The events that are converted."""

CANCELS = frozenset({"cancelled", "entered-in-error"})
ORU_EVENT = Event()
"""A result says of its encounter what PV1 says, and does not set its status."""
