"""What a conversion leaves out: the place and one of these reasons, and never a value."""

from dataclasses import dataclass
from enum import StrEnum

MOST_OF_A_FIELD, MOST = 100, 10_000
"""Lines of a report, of one field or segment and of a message: a message of 1 MB would have 500,000."""


class Reason(StrEnum):
    """Why a value is not in the bundle, or not as it was sent. A label of a metric."""

    NOT_MAPPED = "not_mapped"
    NO_ELEMENT = "no_element"
    REPEATED = "repeated"
    UNREADABLE = "unreadable"
    NOT_WHOLE = "not_whole"
    OUT_OF_ORDER = "out_of_order"
    NO_RANGE = "no_range"
    NO_TIME_ZONE = "no_time_zone"
    NOT_IN_TABLE = "not_in_table"
    NO_SYSTEM = "no_system"
    NO_KEY = "no_key"
    KEYED_BY_MESSAGE = "keyed_by_message"
    KEYED_BY_START = "keyed_by_start"
    KEYED_BY_TIME = "keyed_by_time"
    KEYED_BY_SENDER = "keyed_by_sender"
    NO_SERVICE = "no_service"
    AS_TEXT = "as_text"
    SAME_RECORD = "same_record"
    TOO_MANY = "too_many"


TEXTS = {
    Reason.NOT_MAPPED: "the step has no row for this field, or for its segment in this message",
    Reason.NO_ELEMENT: "FHIR has no element for this part of the value",
    Reason.REPEATED: "FHIR takes one value; the first one is used",
    Reason.UNREADABLE: "the value does not have the form of its datatype",
    Reason.NOT_WHOLE: "the time is not complete; only the part that is certain is used, and an instant is left out",
    Reason.OUT_OF_ORDER: "the end is before the start, which FHIR does not allow; only the start is used",
    Reason.NO_RANGE: "the lowest and the highest amount make no range; neither is used",
    Reason.NO_TIME_ZONE: "the time has no zone, neither has MSH-7, and `timezone` is not set; only the date is used",
    Reason.NOT_IN_TABLE: "the code has no counterpart in FHIR's required value set",
    Reason.NO_SYSTEM: "the code system is not known; the code has no `system`; set `systems`",
    Reason.NO_KEY: "nothing identifies the resource, so that it cannot be written twice without a duplicate",
    Reason.KEYED_BY_MESSAGE: "no order number: a later message about the same thing makes another resource",
    Reason.KEYED_BY_START: "no number of its own: it is identified by patient and start, and by what it is",
    Reason.KEYED_BY_TIME: "it has no number: it is identified by its code and its time",
    Reason.KEYED_BY_SENDER: "the authority has no URI: the number is valid within MSH-4 only; set `systems`",
    Reason.NO_SERVICE: "the order names no service: it is another resource than orders with its number that name one",
    Reason.AS_TEXT: "the value is carried as text",
    Reason.SAME_RECORD: "it names the same record as PID",
    Reason.TOO_MANY: "the field has more than 1,000 repetitions; the first 1,000 are used",
}
"""Each reason for people."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One value that is left out or changed."""

    place: str
    """``PID-5[2].7``: segment, field, repetition from the second on, component."""
    reason: Reason

    def __str__(self) -> str:
        return f"{self.place}: {TEXTS[self.reason]}"
