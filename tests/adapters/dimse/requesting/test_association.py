"""A requestor against peers that answer what a test wants."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.dimse.requesting.sender import SendResult, echo, send
from gateway.contract.sending import Address, SendOptions
from tests.adapters.dimse.raw_peer import (
    ABORT,
    CT,
    EXPLICIT,
    IMPLICIT,
    RELEASE_RQ,
    VERIFICATION,
    associate_rq,
    command_set,
    p_data,
)
from tests.dicom_files import make_multi_frame, make_series
from tests.ports import free_port
from tests.slow_peer import read_slowly, slow_peer

HERE = "127.0.0.1"


def sub_item(kind: int, value: bytes) -> bytes:
    """Return a user information sub-item."""
    return struct.pack(">BxH", kind, len(value)) + value


def odd_accept(user: bytes, syntax: str = IMPLICIT) -> bytes:
    """Return an A-ASSOCIATE-AC for contexts 1, 3 and 5 with this transfer syntax, and with *user* information."""
    chosen = sub_item(0x40, syntax.encode())
    contexts = b"".join(struct.pack(">BxHBxBx", 0x21, 4 + len(chosen), number, 0) + chosen for number in (1, 3, 5))
    body = struct.pack(">Hxx", 1) + bytes(64) + contexts + struct.pack(">BxH", 0x50, len(user)) + user
    return struct.pack(">BxL", 2, len(body)) + body


LENGTH = sub_item(0x51, b"\0\0\x40\0")
ODD = {
    "version name over 16": LENGTH + sub_item(0x55, b"A_VERSION_NAME_OF_24_CHR"),
    "version name not ASCII": LENGTH + sub_item(0x55, "R\u00f6ntgen".encode()),
    "version name padded": LENGTH + sub_item(0x55, b"CTN".ljust(16, b"\0")),
    "class UID over 64": LENGTH + sub_item(0x52, b"1." + b"2" * 70),
    "window of two octets": sub_item(0x53, b"\0\1") + LENGTH,
    "identity, cut": sub_item(0x59, b"\xff\xff") + LENGTH,
    "an unknown item": sub_item(0x77, b"?") + LENGTH,
    "nothing at all": b"",
    "maximum length of two octets": sub_item(0x51, b"\x40\0"),
}


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[int]:
    """Run a peer that answers the PDUs it gets with *answers*, then hangs up; yield its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            header = await reader.readexactly(6)
            await reader.readexactly(struct.unpack_from(">L", header, 2)[0])
            writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, HERE)
    async with server:
        yield server.sockets[0].getsockname()[1]


def echo_rsp(message_id: int = 1, status: int = 0) -> bytes:
    """Return a C-ECHO-RSP."""
    return p_data(1, 3, command_set(e0002=VERIFICATION, e0100=0x8030, e0120=message_id, e0800=0x101, e0900=status))


@pytest.mark.parametrize("user", ODD.values(), ids=ODD)
async def test_odd_items_of_the_peer(user: bytes) -> None:
    """A peer whose user information violates the standard is still accepted."""
    async with answering(odd_accept(user), echo_rsp()) as port:
        result = await echo(Address(HERE, port, "ODD"))
    assert ("0000", "") == (result.status, result.reason)


async def test_odd_items_are_logged() -> None:
    """The log names the peer and the item, not the value."""
    user = ODD["version name over 16"]
    with capture_logs() as lines:
        async with answering(odd_accept(user), echo_rsp()) as port:
            await echo(Address(HERE, port, "ODD"))
    assert [{"called_ae_title": "ODD", "odd_items": ("implementation_version_name",)}] == [
        {name: line[name] for name in ("called_ae_title", "odd_items")} for line in lines
    ]
    assert "A_VERSION" not in str(lines)


ACCEPT = odd_accept(LENGTH)
NONE = "association accepted, but none of the proposed contexts: Verification SOP Class / Implicit VR Little Endian "
NO_ECHO = f"{NONE}(result 3: abstract syntax not supported)"
NO_ECHO_SYNTAX = f"{NONE}(PS3.8 9.3.3.2 violated: accepted, but not with the transfer syntax that was proposed)"
NO_ROOM = "the peer accepts only PDUs that are too short for a message (a maximum length below 7)"
CLOSED = "the peer closed the connection before it answered"
CALLING = "calling AE title not recognized (permanent, by service user; 1/1/3)"
UNKNOWN = "unknown reason (permanent, by service user; 1/1/10)"
ANSWERS: dict[str, tuple[tuple[bytes, ...], str | None, str]] = {
    "a status": ((ACCEPT, echo_rsp(status=0x0122)), "0122", ""),
    "in two pieces": ((ACCEPT, p_data(1, 1, echo_rsp()[12:30]) + p_data(1, 3, echo_rsp()[30:])), "0000", ""),
    "after that to another request": ((ACCEPT, echo_rsp(9, 0x0110) + echo_rsp()), "0000", ""),
    "no command set": ((ACCEPT, p_data(1, 3, b"??")), None, "the peer's answer is not a valid DIMSE response"),
    "a command set without end": (
        (ACCEPT, p_data(1, 1, bytes(65000)) * 2),
        None,
        "the peer's answer is not a valid DIMSE response",
    ),
    "an abort": ((ACCEPT, ABORT), None, "the peer aborted the association"),
    "an abort at once": ((ABORT,), None, "the peer aborted the association"),
    "rejected": ((b"\3\0\0\0\0\4\0\1\1\3",), None, "association rejected: " + CALLING),
    "rejected for a reason nobody knows": ((b"\3\0\0\0\0\4\0\1\1\x0a",), None, "association rejected: " + UNKNOWN),
    "the end": ((b"",), None, "the peer closed the connection without sending anything"),
    "the end after acceptance": ((ACCEPT, b""), None, CLOSED),
    "HTTP": ((b"HTTP/1.1 400 Bad Request\r\n",), None, "not DICOM: the peer answered HTTP"),
    "HTTP after acceptance": ((ACCEPT, b"HTTP/1.1 400 Bad Request\r\n"), None, "the peer sent an invalid PDU"),
    "a release": ((ACCEPT, RELEASE_RQ), None, "the peer released the association before it answered"),
    "another acceptance": ((ACCEPT, ACCEPT), None, "the peer sent an unexpected PDU"),
    "a request of its own": ((associate_rq(),), None, "the peer sent an unexpected PDU"),
    "no context accepted": (
        (ACCEPT.replace(b"\x21\0\0\x19\1\0\0", b"\x21\0\0\x19\1\0\3"),),
        None,
        NO_ECHO,
    ),
    "a transfer syntax that was not proposed": ((odd_accept(LENGTH, EXPLICIT),), None, NO_ECHO_SYNTAX),
    "an answer on a context that was not proposed": (
        (ACCEPT, echo_rsp().replace(b"\1\3\0\0", b"\5\3\0\0")),
        None,
        "the peer's answer is not a valid DIMSE response",
    ),
    "no room for a message": ((odd_accept(sub_item(0x51, bytes((0, 0, 0, 6)))),), None, NO_ROOM),
}


@pytest.mark.parametrize(("answers", "status", "reason"), ANSWERS.values(), ids=ANSWERS)
async def test_what_peers_answer(answers: tuple[bytes, ...], status: str | None, reason: str) -> None:
    """Whatever a peer answers is a status or a reason in fixed words."""
    async with answering(*answers) as port:
        result = await echo(Address(HERE, port, "PEER"), SendOptions(timeout=20))
    assert (status, reason) == (result.status, result.reason)


async def test_no_answer() -> None:
    """A peer that sends nothing causes a time-out after the given time."""
    never = asyncio.Event()

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await never.wait()
        writer.close()

    server = await asyncio.start_server(serve, HERE)
    async with server:
        result = await echo(Address(HERE, server.sockets[0].getsockname()[1], "MUTE"), SendOptions(timeout=0.1))
        never.set()
    assert (None, "no answer in 0.1 s") == (result.status, result.reason)


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
BIG = 48 << 20
"""Octets of pixel data: more than the kernel keeps of a connection over which nobody reads."""


async def send_big(
    folder: Path,
    serve: Serve,
    timeout: float = 60,  # noqa: ASYNC109  for each step
    over: asyncio.Event | None = None,
) -> SendResult:
    """Send a large instance to a peer that accepts the association and then does what *serve* does.

    Set *over* when there is a result.
    """
    path, serving, over = folder / "big.dcm", set[asyncio.Task[None] | None](), over or asyncio.Event()
    make_multi_frame(path, BIG)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())
        header = await reader.readexactly(6)
        await reader.readexactly(struct.unpack_from(">L", header, 2)[0])
        writer.write(odd_accept(LENGTH, EXPLICIT))
        with suppress(ConnectionError):
            await serve(reader, writer)
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)

    server = await asyncio.start_server(accept, HERE)
    async with server, asyncio.timeout(120):
        port = server.sockets[0].getsockname()[1]
        (result,) = [each async for each in send(Address(HERE, port, "PEER"), [path], SendOptions(timeout=timeout))]
        over.set()
        await asyncio.gather(*(task for task in serving if task))
        return result


async def test_peer_stops_reading(tmp_path: Path) -> None:
    """A peer that accepts and then reads only as much as its buffer holds causes a time-out."""

    async def serve(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await over.wait()

    over = asyncio.Event()
    result = await send_big(tmp_path, serve, timeout=0.3, over=over)
    assert (None, "the peer did not take the data in 0.3 s") == (result.status, result.reason)


async def test_peer_that_is_slow(tmp_path: Path) -> None:
    """A peer that takes an instance more slowly than the time limit, but steadily, is waited for."""
    path = tmp_path / "big.dcm"
    make_multi_frame(path, 1_400_000)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_pdu(reader)
        writer.write(odd_accept(LENGTH, EXPLICIT))
        header = await reader.readexactly(6)
        while (await read_slowly(reader, struct.unpack_from(">L", header, 2)[0]))[5] != END_OF_DATA_SET:
            header = await reader.readexactly(6)
        writer.write(p_data(1, 3, command_set(e0002=CT, e0100=0x8001, e0120=1, e0800=0x101, e0900=0)))
        await reader.read()

    async with slow_peer(serve) as port:
        (result,) = [each async for each in send(Address(HERE, port, "PEER"), [path], SendOptions(timeout=3))]
    assert ("0000", "") == (result.status, result.reason)


IN_THE_MIDDLE = {
    "an abort": (ABORT, "the peer aborted the association"),
    "a release": (RELEASE_RQ, "the peer released the association before it answered"),
    "nothing": (b"", ""),
}


@pytest.mark.parametrize("resets", [False, True], ids=["ends", "resets"])
@pytest.mark.parametrize(("said", "reason"), IN_THE_MIDDLE.values(), ids=IN_THE_MIDDLE)
async def test_end_in_the_middle_of_a_data_set(said: bytes, reason: str, resets: bool, tmp_path: Path) -> None:
    """The peer's last data is read although writing fails."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(100_000)
        writer.write(said)
        await writer.drain()
        if not resets:
            writer.write_eof()
            while await reader.read(1 << 20):
                pass  # the end, or a reset by the other side
        # what is unread makes the close a reset

    result = await send_big(tmp_path, serve)
    assert result.status is None
    assert result.reason in ({reason} if reason else {CLOSED, "the connection was reset"})


async def test_no_connection() -> None:
    """If the connection fails, the reason is that of the operating system, not a time-out."""
    result = await echo(Address(HERE, free_port(), "PEER"))
    assert (None, "no connection: connection refused") == (result.status, result.reason)


NOBODY: dict[str, tuple[OSError, str]] = {
    "several addresses": (OSError("Multiple exceptions: ..."), "none of the addresses of the host can be reached"),
    "no such name": (
        socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
        "the host name cannot be resolved",
    ),
}


@pytest.mark.parametrize(("error", "reason"), NOBODY.values(), ids=NOBODY)
async def test_no_connection_to_a_host(error: OSError, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors of the event loop are reported in texts without addresses."""

    async def connect(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", connect)
    result = await echo(Address("peer.example", 104, "PEER"))
    assert (None, f"no connection: {reason}") == (result.status, result.reason)


async def test_no_connection_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason for a host that does not answer contains the time-out."""

    async def connect(*_arguments: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", connect)
    result = await echo(Address("peer.example", 104, "PEER"), SendOptions(timeout=0.1))
    assert (None, "no connection: no answer in 0.1 s") == (result.status, result.reason)


async def test_reset_between_two_instances(tmp_path: Path) -> None:
    """After a reset while nothing is sent, a new association is opened for the remaining files."""
    assert [("0000", ""), ("0000", "")] == await _send_two(make_series(tmp_path, 2))


async def _send_two(files: list[Path]) -> list[tuple[str | None, str]]:
    reset, results = asyncio.Event(), []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_pdu(reader)
        writer.write(odd_accept(LENGTH, EXPLICIT))
        while (await _read_pdu(reader))[5] != END_OF_DATA_SET:
            pass
        writer.write(p_data(1, 3, command_set(e0002=CT, e0100=0x8001, e0120=1, e0800=0x101, e0900=0)))
        await reset.wait()
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with await asyncio.start_server(serve, HERE) as server:
        async for result in send(Address(HERE, server.sockets[0].getsockname()[1], "PEER"), files):
            results.append((result.status, result.reason))
            reset.set()
            await asyncio.sleep(0.1)  # the reset may come later: then it is met by the next write
    return results


END_OF_DATA_SET = 2  # the message control header (PS3.8 E.2)


async def _read_pdu(reader: asyncio.StreamReader) -> bytes:
    header = await reader.readexactly(6)
    return await reader.readexactly(struct.unpack_from(">L", header, 2)[0])
