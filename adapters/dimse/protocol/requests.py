"""The requests of our own side and their responses (PS3.7 6.3, 9.3): one request at a time, fragments in and out."""

from collections.abc import Container
from dataclasses import dataclass

from adapters.dimse.protocol.command import CommandField, Response, decode_response, encode_request
from adapters.dimse.protocol.events import Fragment
from adapters.dimse.protocol.exchange import MAX_COMMAND_SET
from adapters.dimse.protocol.pdu import encode_command
from adapters.dimse.protocol.proposing import MAX_PDU, encode_data, room_in
from gateway.contract.errors import LocalProtocolError

MESSAGE_IDS = 0x10000  # PS3.7 E.1: US


@dataclass(frozen=True, slots=True)
class Ask:
    """Our side sends a request. If it has a data set, ``Data`` follows."""

    context_id: int
    command: CommandField
    sop_class_uid: str
    sop_instance_uid: str = ""
    has_data_set: bool = False


@dataclass(frozen=True, slots=True)
class Data:
    """Our side sends a piece of the data set of its request."""

    octets: bytes
    is_end: bool
    """Whether it is the last piece of the data set."""


class Requests:
    """The requests on one association. A second request is not accepted before the first is sent and answered.

    No asynchronous operations window is proposed, so the peer accepts one request at a time (PS3.7 D.3.3.3).
    """

    def __init__(self, peers_max_pdu: int = 0, max_pdu: int = MAX_PDU, contexts: Container[int] = ()) -> None:
        self._contexts = contexts  # those that the peer has accepted
        self._max_pdu = peers_max_pdu
        self.room = room_in(peers_max_pdu, max_pdu)
        """Octets of a data set that fit into one P-DATA-TF."""
        self._message_id = 0
        self._context_id = 0
        self._command: int | None = None
        self._is_sending = False  # the data set of a request
        self._is_answer_due = False
        self._command_set = bytearray()
        self._takes_data = False  # whether fragments of the last response's data set are expected

    @property
    def is_open(self) -> bool:
        """Whether a request is still being sent, or is not answered yet."""
        return self._is_sending or self._is_answer_due

    def ask(self, ask: Ask) -> bytes:
        """Return the P-DATA-TFs of a command set."""
        if self.is_open:
            raise LocalProtocolError("the request before is not finished")
        self._message_id = (self._message_id + 1) % MESSAGE_IDS
        self._context_id, self._command = ask.context_id, ask.command
        self._is_sending, self._is_answer_due = ask.has_data_set, True
        command_set = encode_request(
            ask.command, self._message_id, ask.sop_class_uid, ask.sop_instance_uid, has_data_set=ask.has_data_set
        )
        return encode_command(ask.context_id, command_set, self._max_pdu)

    def data(self, data: Data) -> bytes:
        """Return the P-DATA-TFs of a piece of a data set."""
        if not self._is_sending:
            raise LocalProtocolError("no request has a data set to send")
        self._is_sending = not data.is_end
        return encode_data(self._context_id, data.octets, self.room, is_end=data.is_end)

    def take(self, fragment: Fragment) -> list[Response | Fragment] | None:
        """Return what *fragment* adds to the response; None if it cannot be part of a response.

        A response to another request is skipped. Fragments of a data set belong to the last response, if it has a
        data set, and are skipped otherwise.
        """
        if fragment.context_id not in self._contexts:
            return None
        if not fragment.is_command:
            is_wanted, self._takes_data = self._takes_data, self._takes_data and not fragment.is_last
            return [fragment] if is_wanted else []
        self._command_set += fragment.data
        if len(self._command_set) > MAX_COMMAND_SET:
            return None
        if not fragment.is_last:
            return []
        response, self._command_set = decode_response(bytes(self._command_set)), bytearray()
        return self._take_response(response)

    def _take_response(self, response: Response) -> list[Response | Fragment] | None:
        if response.message_id is None or response.status is None:
            return None
        is_ours = self._is_answer_due and response.message_id == self._message_id
        self._takes_data = is_ours and response.has_data_set
        if not is_ours:
            return []
        if response.answers != self._command:
            return None  # its Message ID is that of our request, its Command Field that of another one
        if self._is_sending and not response.is_failure:
            return None  # the peer cannot have the whole instance
        self._is_answer_due = not response.is_final
        return [response]
