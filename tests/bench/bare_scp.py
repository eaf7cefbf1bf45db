"""The leanest storage SCP: a socket reader that discards, with just enough DICOM for ``storescu`` to go on sending.

One blocking thread per association. Of a data set it looks at the first 12 octets of each P-DATA-TF PDU. It relies on
what DCMTK does: one presentation data value per PDU, a command set in one PDU, no empty last fragment.
"""

import argparse
import socket
import struct
import threading

from adapters.dimse.protocol.associate import decode_proposal, encode_accept
from adapters.dimse.protocol.command import Request, decode_request, encode_response
from adapters.dimse.protocol.negotiation import Acceptance, Policy, negotiate
from adapters.dimse.protocol.pdu import RELEASE_RP, encode_command

PDU, PDV = struct.Struct(">BxL"), struct.Struct(">LBB")  # PS3.8 9.3.5
ASSOCIATE_RQ, P_DATA, RELEASE_RQ = 0x01, 0x04, 0x05
COMMAND, LAST = 0x01, 0x02
BUFFER = 1 << 20


class Reader:
    """One association."""

    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer
        self._buffer = bytearray(BUFFER)
        self._skip = 0
        self._last = False
        self._context_id = 0
        self._request: Request

    def run(self) -> None:
        """Read until the peer leaves."""
        view, held = memoryview(self._buffer), 0
        with self._peer:
            while count := self._peer.recv_into(view[held:]):
                self._peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
                at, end = 0, held + count
                while at < end and (after := self._step(at, end)) > at:
                    at = after
                held = end - at
                view[:held] = view[at:end]

    def _step(self, at: int, end: int) -> int:
        if self._skip:
            return self._discard(at, end)
        if end - at < PDU.size:
            return at
        kind: int
        length: int
        kind, length = PDU.unpack_from(self._buffer, at)
        start = at + PDU.size
        if kind == P_DATA:
            if end - start < PDV.size:
                return at
            _, self._context_id, control = PDV.unpack_from(self._buffer, start)
            if not control & COMMAND:
                self._skip, self._last = length - PDV.size, bool(control & LAST)
                return start + PDV.size
        if start + length > end:
            return at
        self._take(kind, bytes(self._buffer[at : start + length]))
        return start + length

    def _discard(self, at: int, end: int) -> int:
        step = min(self._skip, end - at)
        self._skip -= step
        if self._last and not self._skip:
            self._peer.sendall(encode_command(self._context_id, encode_response(self._request, 0), BUFFER))
        return at + step

    def _take(self, kind: int, pdu: bytes) -> None:
        if kind == ASSOCIATE_RQ:
            self._accept(pdu)
        elif kind == RELEASE_RQ:
            self._peer.sendall(RELEASE_RP)
        elif kind == P_DATA and (request := decode_request(pdu[PDU.size + PDV.size :])):
            self._request = request

    def _accept(self, pdu: bytes) -> None:
        policy = Policy()
        proposal = decode_proposal(pdu)
        acceptance = negotiate(proposal, policy) if proposal else None
        assert isinstance(acceptance, Acceptance)
        self._peer.sendall(encode_accept(pdu, acceptance.results, policy.max_pdu, acceptance.roles))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    options = parser.parse_args()
    with socket.create_server(("127.0.0.1", options.port)) as server:
        while True:
            connection = server.accept()[0]
            threading.Thread(target=Reader(connection).run, daemon=True).start()
