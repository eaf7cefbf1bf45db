"""DIMSE messages (PS3.7 6.3, 9.3): fragments in, requests and data sets out, one request at a time."""

from collections.abc import Mapping

from adapters.dimse.protocol.command import CommandField, Request, decode_request, encode_response
from adapters.dimse.protocol.events import AbortReason, Answer, Fragment
from adapters.dimse.protocol.negotiation import Context
from adapters.dimse.protocol.pdu import encode_command
from gateway.contract.errors import LocalProtocolError
from gateway.contract.records import record

MAX_COMMAND_SET = 65536

SUCCESS = 0x0000
UNRECOGNIZED_OPERATION = 0x0211  # PS3.7 C.5.15
CANNOT_UNDERSTAND = 0xC000  # PS3.4 B.2.3


@record
class Send:
    """Write these octets."""

    data: bytes


@record
class Begin:
    """A C-STORE-RQ is complete; its data set follows as fragments, and the caller must send an ``Answer``."""

    request: Request
    context: Context


Step = list[Send | Begin | Fragment] | AbortReason
"""What the caller must do next, or why it must abort the association."""


class Exchange:
    """The requests on one association. If a step is an AbortReason, the caller aborts and passes no more fragments.

    A ``Fragment`` in a step belongs to the data set of the last ``Begin``.
    """

    def __init__(self, contexts: Mapping[int, Context], max_pdu: int) -> None:
        self._contexts = contexts
        self._max_pdu = max_pdu
        self._command_set = bytearray()
        self._context_id = 0  # of the message in progress
        self._request: Request | None = None  # its data set is still to come
        self._unanswered: Request | None = None  # a C-STORE-RQ
        self._announced: int | None = None  # the context on which a C-ECHO-RQ announced a data set

    @property
    def is_receiving(self) -> bool:
        """Whether the peer owes the rest of a message."""
        return bool(self._command_set) or self._request is not None

    @property
    def is_answer_due(self) -> bool:
        """Whether a C-STORE-RQ has not been answered."""
        return self._unanswered is not None

    @property
    def is_answering(self) -> bool:
        """Whether a request is completely received and not answered: nothing else is processed before the answer."""
        return self._unanswered is not None and self._request is None

    def take(self, fragment: Fragment) -> Step:
        """Return the step that follows from *fragment*."""
        if fragment.context_id not in self._contexts:
            return AbortReason.INVALID_PARAMETER
        if fragment.is_command:
            self._announced = None
        elif fragment.context_id == self._announced:
            return self._read_over(fragment)
        if self.is_receiving and fragment.context_id != self._context_id:
            return AbortReason.UNEXPECTED_PDU
        if fragment.is_command == (self._request is not None):  # a data set before its command, or a second command
            return AbortReason.UNEXPECTED_PDU
        return self._take_command(fragment) if fragment.is_command else self._take_data(fragment)

    def answer(self, answer: Answer) -> Send:
        """Return the response to the C-STORE-RQ in progress."""
        if self._unanswered is None or self._request is not None:
            raise LocalProtocolError("no request waits for an answer")
        request, self._unanswered = self._unanswered, None
        return self._respond(request, answer.status, answer.comment)

    def _take_command(self, fragment: Fragment) -> Step:
        self._context_id = fragment.context_id
        self._command_set += fragment.data
        if len(self._command_set) > MAX_COMMAND_SET:
            return AbortReason.INVALID_PARAMETER
        if not fragment.is_last:
            return []
        command_set, self._command_set = bytes(self._command_set), bytearray()
        request = decode_request(command_set)
        return AbortReason.INVALID_PARAMETER if request is None else self._begin(request)

    def _begin(self, request: Request) -> Step:
        if request.field == CommandField.C_CANCEL_RQ:
            return []  # no C-STORE or C-ECHO can be cancelled, and a C-CANCEL has no response
        # Requests are served one at a time; the acceptor queues those that arrive early.
        if request.is_response or self._unanswered:
            return AbortReason.UNEXPECTED_PDU
        if request.field == CommandField.C_ECHO_RQ:
            # PS3.7 table 9.3-12: a C-ECHO-RQ has no data set. Some senders announce one; only some of these send it.
            self._announced = self._context_id if request.has_data_set else None
            return [self._respond(request, SUCCESS)]
        is_store = request.field == CommandField.C_STORE_RQ
        if not request.has_data_set:
            without = (CANNOT_UNDERSTAND, "the request has no data set") if is_store else (UNRECOGNIZED_OPERATION, "")
            return [self._respond(request, *without)]
        self._request = request
        self._unanswered = request if is_store else None
        return [Begin(request, self._contexts[self._context_id])] if is_store else []

    def _take_data(self, fragment: Fragment) -> Step:
        request = self._request
        if fragment.is_last:
            self._request = None
        if request is self._unanswered:
            return [fragment]
        # The data set of an unsupported request: skip it, then respond that the operation is not recognised.
        return [self._respond(request, UNRECOGNIZED_OPERATION)] if fragment.is_last and request else []

    def _read_over(self, fragment: Fragment) -> Step:
        if fragment.is_last:
            self._announced = None
        return []

    def _respond(self, request: Request, status: int, comment: str = "") -> Send:
        return Send(encode_command(self._context_id, encode_response(request, status, comment), self._max_pdu))
