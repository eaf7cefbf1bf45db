"""A requestor that sends what a test wants, right or wrong; pynetdicom encodes and decodes, none of our own code."""

import asyncio
import struct
from collections.abc import Sequence
from io import BytesIO
from typing import Any, Self

from pydicom.dataset import Dataset
from pynetdicom import build_context
from pynetdicom.dimse_messages import C_ECHO_RQ, C_STORE_RQ
from pynetdicom.dimse_primitives import C_ECHO, C_STORE
from pynetdicom.dsutils import decode
from pynetdicom.pdu import A_ASSOCIATE_RQ, P_DATA_TF
from pynetdicom.pdu_primitives import A_ASSOCIATE, ImplementationClassUIDNotification, MaximumLengthNotification

CT = "1.2.840.10008.5.1.4.1.1.2"
VERIFICATION = "1.2.840.10008.1.1"
IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
CONTEXTS = ((VERIFICATION, (IMPLICIT,)), (CT, (EXPLICIT, IMPLICIT)))  # IDs 1 and 3

RELEASE_RQ = bytes.fromhex("050000000004 00000000")
RELEASE_RP = bytes.fromhex("060000000004 00000000")
ABORT = bytes.fromhex("070000000004 00000000")


def associate_rq(
    called: str = "HILUM",
    calling: str = "TESTER",
    contexts: Sequence[tuple[str, Sequence[str]]] = CONTEXTS,
    max_pdu: int = 16384,
    extra: Sequence[Any] = (),
) -> bytes:
    """Return an A-ASSOCIATE-RQ; *extra* are more user information primitives."""
    primitive = A_ASSOCIATE()
    primitive.application_context_name = "1.2.840.10008.3.1.1.1"
    primitive.called_ae_title, primitive.calling_ae_title = called, calling
    for number, (abstract_syntax, transfer_syntaxes) in enumerate(contexts):
        context = build_context(abstract_syntax, list(transfer_syntaxes))
        context.context_id = 2 * number + 1
        primitive.presentation_context_definition_list.append(context)
    length, implementation = MaximumLengthNotification(), ImplementationClassUIDNotification()
    length.maximum_length_received = max_pdu
    implementation.implementation_class_uid = "1.2.3.4"
    primitive.user_information = [length, implementation, *extra]
    return bytes(A_ASSOCIATE_RQ(primitive).encode())


def echo_rq(message_id: int = 1, context_id: int = 1) -> bytes:
    """Return a C-ECHO-RQ as P-DATA-TF."""
    primitive = C_ECHO()
    primitive.MessageID = message_id
    primitive.AffectedSOPClassUID = VERIFICATION
    return _p_data(C_ECHO_RQ(), primitive, context_id, 16384)


def store_rq(
    data_set: bytes,
    *,
    uid: str = "1.2.3",
    message_id: int = 1,
    context_id: int = 3,
    max_pdu: int = 16384,
    sop: str = CT,
) -> bytes:
    """Return a whole C-STORE-RQ with its data set as P-DATA-TFs."""
    primitive = C_STORE()
    primitive.MessageID = message_id
    primitive.Priority = 2
    primitive.AffectedSOPClassUID = sop
    primitive.AffectedSOPInstanceUID = uid
    primitive.DataSet = BytesIO(data_set)
    return _p_data(C_STORE_RQ(), primitive, context_id, max_pdu)


def _p_data(message: Any, primitive: Any, context_id: int, max_pdu: int) -> bytes:
    message.primitive_to_message(primitive)
    return b"".join(P_DATA_TF(part).encode() for part in message.encode_msg(context_id, max_pdu))


def p_data(context_id: int, control: int, data: bytes) -> bytes:
    """Return a P-DATA-TF of one value; *control* bit 0 is command, bit 1 last (PS3.8 E.2)."""
    return struct.pack(">BxLLBB", 4, len(data) + 6, len(data) + 2, context_id, control) + data


def command_set(**elements: int | str) -> bytes:
    """Return a command set; keywords are element numbers as ``e0100``; numbers are US, texts UI."""
    body = b""
    for name, value in elements.items():
        octets = struct.pack("<H", value) if isinstance(value, int) else value.encode() + b"\0" * (len(value) % 2)
        body += struct.pack("<HHL", 0, int(name[1:], 16), len(octets)) + octets
    return struct.pack("<HHLL", 0, 0, 4, len(body)) + body


def command_of(p_data_tfs: bytes) -> Dataset:
    """Return the command set in one or more whole P-DATA-TFs."""
    octets = b""
    while p_data_tfs:
        length = 6 + struct.unpack_from(">L", p_data_tfs, 2)[0]
        pdu = P_DATA_TF()
        pdu.decode(p_data_tfs[:length])
        octets += b"".join((item.presentation_data_value or b"")[1:] for item in pdu.presentation_data_value_items)
        p_data_tfs = p_data_tfs[length:]
    command: Dataset = decode(BytesIO(octets), True, True)
    return command


class RawPeer:
    """A socket to a listener."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, port: int, address: str = "127.0.0.1") -> Self:
        """Connect from *address* to the listener on *port*."""
        return cls(*await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0)))

    async def send(self, *octets: bytes) -> None:
        """Write and wait until the kernel has taken it."""
        self.writer.write(b"".join(octets))  # writelines of Python 3.13.0 never pauses
        await self.writer.drain()

    async def receive(self) -> bytes:
        """Return the next PDU; empty at the end of the connection, however it ended."""
        try:
            async with asyncio.timeout(60):
                header = await self.reader.readexactly(6)
                return header + await self.reader.readexactly(struct.unpack_from(">L", header, 2)[0])
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""

    async def associate(self, **request: Any) -> bytes:
        """Ask for an association and return the answer."""
        await self.send(associate_rq(**request))
        return await self.receive()

    async def status(self) -> int:
        """Return the status of the next response."""
        return int(command_of(await self.receive()).Status)

    def vanish(self) -> None:
        """Reset the connection."""
        self.writer.transport.abort()
