"""A message on its way to an MLLP receiver: its octets, and what its header says of the answers to expect."""

from dataclasses import dataclass, field

from adapters.hl7.answers import answer_is_due, application_ack_asked
from adapters.hl7.control_id import SHORT, plain
from adapters.hl7.er7 import Header, lead
from adapters.hl7.ordinary import is_to_be_answered, plain_header
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.outcome import Refused
from gateway.contract.records import record

MSH_10, MSH_15, MSH_16 = 10, 15, 16
UNANSWERABLE = Diagnosis(Cause.MESSAGE_REFUSED, {"code": "100"})
NO_HEADER = Refused(
    "the message has no MSH that can be read, so no answer could be matched with it", code="100", diagnosis=UNANSWERABLE
)
NO_CONTROL_ID = Refused(
    "MSH-10 (control ID) is empty, so no answer could be matched with the message",
    code="101",
    diagnosis=Diagnosis(Cause.MESSAGE_REFUSED, {"code": "101"}),
)
NOT_FOR_MLLP = Refused(
    "the message holds an octet (0B or 1C) that MLLP cannot carry", code="100", diagnosis=UNANSWERABLE
)


@record
class Outgoing:
    """One message to send."""

    payload: bytes = field(repr=False)
    control_id: bytes
    """``MSH-10`` in the form in which control IDs are compared; cut to 20 characters where the receiver may cut it."""
    whole_id: bytes = b""
    """The same, never cut."""
    is_unanswered: bool = False
    """Whether the message asks for no answer, so that none is waited for."""
    asks_application: bool = False
    """Whether it asks for an application acknowledgement, which may come behind the commit acknowledgement."""
    only_errors: bool = False
    """Whether it asks for a negative one only (``ER``): that none comes is a good sign then."""
    wants_both: bool = False
    """Whether the application acknowledgement is waited for behind a positive commit acknowledgement."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """How messages are prepared for a receiver."""

    cuts_ids: bool = False
    """Whether the receiver may cut control IDs to 20 characters."""
    asks: bool = True
    """Whether a queued message that asks for no answer in every case is sent without its MSH-15 and MSH-16."""

    def prepare(self, data: bytes, *, queued: bool, new_id: str) -> Outgoing | Refused:
        """Return the message to send, or why it cannot be sent.

        A *queued* message has no sender that waits: it is given *new_id* if it has no control ID, and it is made to ask
        for an answer. Any other message is sent octet for octet.
        """
        header = plain_header(data)
        if header is not None and is_to_be_answered(header.fields) and b"\x0b" not in data and b"\x1c" not in data:
            whole = plain(header.field(MSH_10), data)
            if whole:
                return Outgoing(data, whole[:SHORT].strip() if self.cuts_ids else whole, whole)
        return self.prepare_any(data, queued=queued, new_id=new_id)

    def prepare_any(self, data: bytes, *, queued: bool, new_id: str) -> Outgoing | Refused:
        """Do what :meth:`prepare` promises for any message: in enhanced mode, or without a control ID."""
        header = Header.parse(data)
        if header is None or not header.usable:
            return NO_HEADER
        if b"\x0b" in data or b"\x1c" in data:
            return NOT_FOR_MLLP
        changes: dict[int, bytes] = {}
        if not header.field(MSH_10).strip():
            if not queued:
                return NO_CONTROL_ID
            changes[MSH_10] = new_id.encode()
        # ER and SU ask in one case only: in the other one nothing would confirm the message.
        is_due = answer_is_due(header)
        if queued and self.asks and is_due is not True:
            changes |= {number: b"" for number in (MSH_15, MSH_16) if header.field(number)}
        if changes:
            changed = _changed(data, header, changes)
            if changed is None and MSH_10 in changes:
                return NO_CONTROL_ID
            data = changed or data
            header = Header.parse(data) or header
            is_due = answer_is_due(header)
        return self._outgoing(data, header, is_due, queued=queued)

    def _outgoing(self, data: bytes, header: Header, is_due: bool | None, *, queued: bool) -> Outgoing:
        start = 0 if data.startswith(b"MSH") else lead(data)
        asked = application_ack_asked(header)
        whole = plain(header.field(MSH_10), data[start : start + 8])
        return Outgoing(
            data,
            whole[:SHORT].strip() if self.cuts_ids else whole,
            whole,
            is_unanswered=is_due is False,
            asks_application=asked != "never",
            only_errors=asked == "errors",
            wants_both=asked != "never" and not queued,
        )


def _changed(data: bytes, header: Header, changes: dict[int, bytes]) -> bytes | None:
    """Return *data* with some fields of its MSH changed, all else octet for octet; None if the MSH cannot be changed.

    It cannot where its fields cannot be joined again, because of a character set that has the separator in a letter.
    """
    start, separator = lead(data), header.delimiters.field
    if separator.join(header.fields) != data[start : header.end]:
        return None
    fields = [header.field(number) for number in range(1, max(len(header.fields), *changes) + 1)]
    for number, value in changes.items():
        fields[number - 1] = value
    return data[:start] + separator.join(fields) + data[header.end :]
