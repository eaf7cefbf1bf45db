"""What hostile peers do to a DIMSE listener."""

import asyncio
import struct

from tests.adapters.dimse.raw_peer import (
    ABORT,
    CT,
    RELEASE_RP,
    RELEASE_RQ,
    VERIFICATION,
    associate_rq,
    command_set,
    echo_rq,
    p_data,
    store_rq,
)
from tests.hostile.raw import crowd, noise, stranger

STORE = command_set(e0002=CT, e0100=1, e0110=7, e0700=2, e0800=1, e1000="1.2.3.9")
RESPONSE = struct.pack("<HHLH", 0, 0x0100, 2, 0x8030)
"""The Command Field of a C-ECHO-RSP."""
PROPOSAL = associate_rq()
TALK = PROPOSAL + echo_rq() + store_rq(bytes(2000), uid="1.2.3.8") + RELEASE_RQ


def pdu(kind: int, body: bytes, length: int | None = None) -> bytes:
    """Return a PDU, which may lie about its *length*."""
    return struct.pack(">BxL", kind, len(body) if length is None else length) + body


def item(kind: int, body: bytes, length: int | None = None) -> bytes:
    """Return an item of an A-ASSOCIATE-RQ, which may lie about its *length*."""
    return struct.pack(">BxH", kind, len(body) if length is None else length) + body


def proposal(items: bytes) -> bytes:
    """Return an A-ASSOCIATE-RQ of *items*."""
    fixed = struct.pack(">Hxx", 1) + b"HILUM".ljust(16) + b"HOSTILE".ljust(16) + bytes(32)
    return pdu(1, fixed + item(0x10, b"1.2.840.10008.3.1.1.1") + items)


def context(number: int, syntaxes: int) -> bytes:
    """Return a presentation context that proposes so many transfer syntaxes."""
    transfer = b"".join(item(0x40, b"1.2.840.10008.1.2.%d" % each) for each in range(syntaxes))
    return item(0x20, bytes((number, 0, 0, 0)) + item(0x30, CT.encode()) + transfer)


async def _say(port: int, number: int, *octets: bytes) -> bytes:
    """Send *octets* and return all that comes back until the gateway has said its last word or hangs up."""
    async with stranger(port, number) as peer:
        for each in octets:
            if not await peer.send(each):
                break
        return await peer.read_all(has_last_word)


def has_last_word(received: bytes) -> bool:
    """Whether a rejection, an agreed release or an abort is among the PDUs: after it only the ARTIM timer runs."""
    at = 0
    while at + 6 <= len(received):
        if received[at] in (3, 6, 7):
            return True
        at += 6 + int.from_bytes(received[at + 2 : at + 6], "big")
    return False


async def random_octets(port: int) -> None:
    """Send noise, bare and on an association."""

    async def act(number: int) -> None:
        async with stranger(port, number) as peer:
            await peer.send((PROPOSAL if number % 2 else b"") + noise(8192, number))

    await crowd(200, act)


LIES = (
    pdu(1, PROPOSAL[6:], 0xFFFFFFFF),
    pdu(1, PROPOSAL[6:], 10),
    pdu(4, b"", 0xFFFFFFFF),
    PROPOSAL + pdu(4, b"\0\0\0\xff\1\3", 6),
    PROPOSAL + pdu(4, b"\xff\xff\xff\xff\1\3"),
    PROPOSAL + pdu(4, b"\0\0\0\0\1\3"),
    PROPOSAL + pdu(4, b"\0\0\0\2\1\3\0\0"),
    PROPOSAL + pdu(5, bytes(4), 400),
    pdu(9, bytes(4)),
    PROPOSAL + p_data(1, 3, b"\0\0\0\1\xff\xff\xff\x7f"),
    PROPOSAL + p_data(1, 3, noise(64, 1)),
)


async def lying_lengths(port: int) -> None:
    """PDUs, items and elements that are longer or shorter than they say are aborted."""

    async def act(number: int) -> None:
        answer = await _say(port, number, LIES[number % len(LIES)])
        assert b"\x07\0\0\0\0\x04" in answer, number % len(LIES)

    await crowd(4 * len(LIES), act)


async def truncated(port: int) -> None:
    """Conversations that end, or stop without ending, at any octet."""

    async def act(number: int) -> None:
        async with stranger(port, number) as peer:
            await peer.send(TALK[: number * len(TALK) // 300])
            if number % 3 == 0:
                peer.end()
                await peer.read_all()

    await crowd(300, act)


async def tiny_pdus(port: int) -> None:
    """Send instances in as many PDUs as they have octets; each gets its answer all the same.

    Each is small enough to come within the ``message_seconds`` of the ward on a busy machine too.
    """
    async with stranger(port) as peer:
        await peer.send(PROPOSAL)
        for _ in range(10):
            await peer.send(p_data(3, 3, STORE) + p_data(3, 0, b"x") * 100_000 + p_data(3, 2, b"x"))
            assert await peer.read_until(b"1.2.3.9", 1) == 1


async def empty_values(port: int) -> None:
    """Values without octets: they are nothing, whatever their number."""
    async with stranger(port) as peer:
        await peer.send(PROPOSAL)
        await peer.send(p_data(3, 3, STORE) + p_data(3, 0, b"") * 100_000 + p_data(3, 2, b"x"))
        assert await peer.read_until(b"1.2.3.9", 1) == 1


async def many_contexts(port: int) -> None:
    """128 presentation contexts with 100 transfer syntaxes each: each is answered."""
    request = proposal(b"".join(context(2 * each + 1, 100) for each in range(128)))
    async with stranger(port) as peer:
        for _ in range(4):
            await peer.send(request)
        await peer.read_all(has_last_word)


async def thousands_of_contexts(port: int) -> None:
    """As many presentation contexts as an A-ASSOCIATE-RQ has room for, far beyond the 128 that have numbers."""
    request = proposal(b"".join(context(2 * each + 1 & 0xFF, 1) for each in range(15_000)))
    for number in range(3):
        await _say(port, number, request[: 1 << 20], ABORT)


def nested(depth: int) -> bytes:
    """Return user information within user information."""
    inner = b""
    for _ in range(depth):
        inner = item(0x50, inner)
    return inner


MALFORMED = (
    nested(2000),
    item(0x50, item(0x51, b"\0\0", 4)),
    item(0x50, item(0x54, b"\xff\xff1.2")),
    item(0x50, item(0x58, b"\2\0\xff\xffx")),
    item(0x50, b"", 0xFFFF),
    item(0x20, b"\1"),
    item(0x20, bytes(4) + item(0x30, b"x" * 60000)),
    item(0x20, bytes(4) + item(0x40, b"", 9)),
    item(0x20, bytes(4) + b"\x30\0"),
    item(0x77, bytes(60000)) * 16,
    b"\x20",
)


async def malformed_items(port: int) -> None:
    """Items within items, oversized ones, cut ones and unknown ones: an answer, or an abort."""

    async def act(number: int) -> None:
        answer = await _say(port, number, proposal(MALFORMED[number % len(MALFORMED)]), ABORT)
        assert answer[:1] in (b"\2", b"\3", b"\7"), number % len(MALFORMED)

    await crowd(2 * len(MALFORMED), act)


OUT_OF_TURN = (
    p_data(3, 2, b"data"),
    p_data(3, 3, STORE) + p_data(1, 2, b"data"),
    p_data(3, 3, STORE) + p_data(3, 3, STORE),
    p_data(9, 3, STORE),
    p_data(3, 3, STORE) + p_data(3, 2, b"data") + p_data(3, 3, STORE) * 2,
    p_data(3, 1, STORE[:9]) + p_data(3, 0, b"data"),
    p_data(1, 1, bytes(60_000)) * 2,
    p_data(1, 3, command_set(e0100=0x8030, e0120=1, e0800=0x101, e0900=0)),
    PROPOSAL,
)


async def out_of_turn(port: int) -> None:
    """Send what nobody waits for, data sets before commands among it: the association is aborted."""

    async def act(number: int) -> None:
        answer = await _say(port, number, PROPOSAL, OUT_OF_TURN[number % len(OUT_OF_TURN)])
        assert b"\x07\0\0\0\0\x04\0\0\x02" in answer, number % len(OUT_OF_TURN)

    await crowd(8 * len(OUT_OF_TURN), act)


COLLISIONS = (
    RELEASE_RQ * 2,
    RELEASE_RP,
    RELEASE_RQ + RELEASE_RP,
    p_data(3, 3, STORE) + RELEASE_RQ,
    p_data(3, 3, STORE) + p_data(3, 2, b"data") + RELEASE_RQ * 2,
    p_data(3, 3, STORE) + p_data(3, 2, b"data") + RELEASE_RP,
    RELEASE_RQ + ABORT,
    RELEASE_RQ + echo_rq(),
)


async def release_collisions(port: int) -> None:
    """Releases that cross each other, a request in progress, or an abort."""

    async def act(number: int) -> None:
        answer = await _say(port, number, PROPOSAL + COLLISIONS[number % len(COLLISIONS)])
        assert answer[:1] == b"\2"

    await crowd(8 * len(COLLISIONS), act)


async def abort_storm(port: int) -> None:
    """Associations that are aborted at once, again and again, in the middle of an instance too."""

    async def act(number: int) -> None:
        middle = p_data(3, 3, STORE) + p_data(3, 0, bytes(3000)) if number % 2 else b""
        await _say(port, number, PROPOSAL + middle + ABORT * 20)

    await crowd(500, act)


NEVER_READ_SECONDS = 120
"""message_seconds (5) and ARTIM (30) of the ward, and as long again as a busy machine may need."""


async def never_read(port: int) -> None:
    """Ask and never read the answers: such a peer is cut off.

    Mostly after write_seconds. But a kernel whose receive buffer is full drops segments, and with those that are behind
    its window what they acknowledge (RFC 9293 3.10.7.4): then what the peer sends stops too, in the middle of a message
    and before the answers fill the buffers of the gateway's side. It is aborted after message_seconds, does not read
    that either, and is reset when the ARTIM timer has run out.
    """
    async with stranger(port, receive_buffer=4096) as peer:
        await peer.send(PROPOSAL + echo_rq() * 800_000, NEVER_READ_SECONDS)  # more than all buffers between hold
        assert peer.is_cut_off


async def echo_flood(port: int) -> None:
    """Ask without end: each request has its answer."""
    count = 20_000
    async with stranger(port) as peer, asyncio.TaskGroup() as group:
        answers = group.create_task(peer.read_until(RESPONSE, count))
        await peer.send(PROPOSAL + echo_rq() * count)
        assert await answers == count


async def instances_ahead(port: int, count: int = 2000) -> None:
    """Send instance after instance without waiting for an answer: each has one in the end."""
    uids = [f"1.2.3.7.{number}" for number in range(count)]
    async with stranger(port) as peer, asyncio.TaskGroup() as group:
        answers = group.create_task(peer.read_until(b"1.2.3.7.", count))
        await peer.send(PROPOSAL + b"".join(store_rq(bytes(500), uid=uid) for uid in uids))
        assert await answers == count


async def small_commands(port: int) -> None:
    """Send a command set in PDUs of one octet each: it is read as any other."""
    echo = command_set(e0002=VERIFICATION, e0100=0x30, e0110=1, e0800=0x101)
    pieces = b"".join(p_data(1, 3 if at == len(echo) - 1 else 1, echo[at : at + 1]) for at in range(len(echo)))
    async with stranger(port) as peer:
        await peer.send(PROPOSAL + pieces * 20)
        assert await peer.read_until(RESPONSE, 20) == 20


ATTACKS = {
    each.__name__: each
    for each in (
        random_octets,
        lying_lengths,
        truncated,
        tiny_pdus,
        empty_values,
        many_contexts,
        thousands_of_contexts,
        malformed_items,
        out_of_turn,
        release_collisions,
        abort_storm,
        never_read,
        echo_flood,
        instances_ahead,
        small_commands,
    )
}
