"""What hostile peers do to an HTTP listener.

``python -m tests.hostile.http_attacks PORT`` carries out all attacks at once, again and again, until it is ended.
"""

import asyncio
import os
import random
import re
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from tests.adapters.http.fakes import request
from tests.hostile.raw import crowd, noise, stranger
from tests.phi.canaries import CANARY

MIB = 1 << 20
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
MAX_BODY = 8 * MIB
"""Of the listeners that are attacked."""
BODY = f'{{"resourceType":"Patient","gender":"female","name":[{{"family":"{CANARY}NAME"}}]}}'.encode()
CHUNKED = request(body=b"", Content_Length="", Transfer_Encoding="chunked")
REFUSED: Sequence[list[bytes]] = ([b"400"], [b"503"], [])
"""A body that is no good, or that has no room in memory; the answer may be lost with the reset (RFC 9112 9.6)."""
READ = request(f"GET /fhir/Patient/{CANARY}", None)


def statuses(answers: bytes) -> list[bytes]:
    """Return the statuses of the answers of a listener."""
    return STATUS.findall(answers)


async def _told(port: int, number: int, *pieces: bytes) -> bytes:
    """Send *pieces* at once, also while the listener answers; return its answers until it closes."""
    async with stranger(port, number) as peer, asyncio.TaskGroup() as group:
        answers = group.create_task(peer.read_all())
        for piece in pieces:
            if not await peer.send(piece):
                break
        return await answers


async def slow_head(port: int) -> None:
    """Send the head octet by octet: it must be there within head_seconds."""

    async def act(number: int) -> None:
        async with stranger(port, number) as peer, asyncio.TaskGroup() as group:
            answers = group.create_task(peer.read_all())
            for octet in request(body=BODY):
                if answers.done() or not await peer.send(bytes([octet])):
                    break
                await asyncio.sleep(0.1)
            assert [b"408"] == statuses(await answers)

    await crowd(20, act, at_once=20)


async def stalled(port: int) -> None:
    """Stop in the head, in the body, in a chunk, or where the listener has asked for the body."""
    whole = request(body=BODY)
    beginnings = (
        whole[:40],
        whole[:-9],
        CHUNKED + b"ff\r\n" + BODY,
        request(body=b"", Content_Length="99", Expect="100-continue"),
    )

    async def act(number: int) -> None:
        assert b"408" == statuses(await _told(port, number, beginnings[number % len(beginnings)]))[-1]

    await crowd(20, act, at_once=20)


async def slow_body(port: int) -> None:
    """Announce a large body, and send a few octets now and then: it is cut off as too slow."""

    async def act(number: int) -> None:
        async with stranger(port, number) as peer, asyncio.TaskGroup() as group:
            answers = group.create_task(peer.read_all())
            await peer.send(request(body=b'{"x":"', Content_Length=str(MAX_BODY)))
            while not answers.done() and await peer.send(CANARY.encode()):
                await asyncio.sleep(0.1)
            assert [b"408"] == statuses(await answers)

    await crowd(20, act, at_once=20)


async def endless_body(port: int) -> None:
    """Send chunks without an end: 413 when there are more octets than a body may have."""
    chunk = CANARY.encode() * 4096
    octets = b"%x\r\n%b\r\n" % (len(chunk), chunk)

    async def act(number: int) -> None:
        answers = await _told(port, number, CHUNKED, *[octets] * (4 * MAX_BODY // len(chunk)))
        assert statuses(answers) in ([b"413"], [b"503"], [])  # as above

    await crowd(4, act, at_once=2)


async def tiny_chunks(port: int) -> None:
    """Send a body in chunks of one octet: it is read, slowly."""

    async def act(number: int) -> None:
        octets = CHUNKED + b"1\r\n \r\n" * 100_000 + b"0\r\n\r\n" + READ.replace(b"Host", b"Connection: close\r\nHost")
        assert [b"400", b"405"] == statuses(await _told(port, number, octets))

    await crowd(4, act, at_once=2)


async def large_bodies(port: int) -> None:
    """Send bodies of nearly the largest size, with a name twice at their end."""
    item = b'{"b":"' + CANARY.encode() * 10 + b'"},'
    body = b'{"resourceType":"Patient","a":[' + item * (7 * MIB // len(item)) + b'{}],"x":1,"x":2}'

    async def act(number: int) -> None:
        octets = request(body=body, Connection="close")
        assert statuses(await _told(port, number, octets)) in REFUSED

    await crowd(4, act, at_once=2)


async def deep_bodies(port: int) -> None:
    """Send lists within lists."""

    async def act(number: int) -> None:
        octets = request(body=b"[" * 3 * MIB, Connection="close")
        assert statuses(await _told(port, number, octets)) in REFUSED

    await crowd(8, act, at_once=2)


async def huge_heads(port: int) -> None:
    """Send an address without end, a field without end, and fields without end."""
    heads = (
        f"POST /fhir/Patient?name={CANARY}".encode() + b"A" * MIB,
        b"POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nX: " + CANARY.encode() * (MIB // 4),
        b"POST /fhir/Patient HTTP/1.1\r\nHost: a\r\n" + f"X: {CANARY}\r\n".encode() * (MIB // 8),
        b"\r\n" * MIB,
    )

    async def act(number: int) -> None:
        answers = await _told(port, number, heads[number % len(heads)])
        assert set(statuses(answers)) <= {b"400", b"408"}

    await crowd(40, act, at_once=20)


async def pipelining_flood(port: int) -> None:
    """Send thousands of requests before the first answer is read: each has its own."""
    count = 3000

    async def act(number: int) -> None:
        async with stranger(port, number) as peer, asyncio.TaskGroup() as group:
            answers = group.create_task(peer.read_until(b"HTTP/1.1 405 ", count))
            await peer.send(READ * count)
            assert count == await answers

    await crowd(2, act)


async def never_read(port: int) -> None:
    """Send requests and never read an answer: such a peer is cut off after write_seconds."""
    async with stranger(port, receive_buffer=4096) as peer:
        await peer.send(READ * 500_000, 60)
        assert peer.is_cut_off


async def smuggled(port: int) -> None:
    """Hide a request in the body of another one, or behind a body whose end is not clear: it is not executed."""
    inner = request(body=BODY)
    heads = (
        request(body=b"", Content_Length=str(len(inner) + 5), Transfer_Encoding="chunked") + b"0\r\n\r\n",
        request(body=b"", host="Host: a\r\nContent-Length: 3\r\n", Content_Length=str(len(inner))),
        request(body=b"", Content_Length="", Transfer_Encoding="chunked, identity") + b"0\r\n\r\n",
    )

    async def act(number: int) -> None:
        answers = statuses(await _told(port, number, heads[number % len(heads)] + inner))
        assert [b"400"] == answers, number % len(heads)

    await crowd(100, act, at_once=20)


async def random_octets(port: int) -> None:
    """Send noise, and requests with some of their octets changed."""

    async def act(number: int) -> None:
        chance = random.Random(number)
        octets = bytearray(request(f"PUT /fhir/Patient/{CANARY}?name={CANARY}", BODY, If_Match=CANARY))
        for _ in range(chance.randint(1, 20)):
            octets[chance.randrange(len(octets))] = chance.randrange(256)
        async with stranger(port, number) as peer:
            await peer.send(noise(8192, number) if number % 3 == 0 else bytes(octets))
            peer.end()
            await peer.read_all()

    await crowd(200, act, at_once=20)


async def one_request_each(port: int) -> None:
    """Connect anew for each request, and leave without the answer half of the time."""

    async def act(number: int) -> None:
        async with stranger(port, number) as peer:
            await peer.send(request(body=BODY, Connection="close"))
            if number % 2:
                assert [b"200"] == statuses(await peer.read_all())

    await crowd(400, act)


ATTACKS: dict[str, Callable[[int], Awaitable[None]]] = {
    each.__name__: each
    for each in (
        slow_head,
        stalled,
        slow_body,
        endless_body,
        tiny_chunks,
        large_bodies,
        deep_bodies,
        huge_heads,
        pipelining_flood,
        never_read,
        smuggled,
        random_octets,
        one_request_each,
    )
}


async def _again_and_again(attack: Callable[[int], Awaitable[None]], port: int) -> None:
    while True:
        with suppress(ExceptionGroup, OSError, AssertionError):  # among the other attacks it may get another answer
            await attack(port)
        await asyncio.sleep(0.01)


async def attack_all(port: int) -> None:
    """Attack until the process is killed, after those who share the processors."""
    os.nice(10)
    async with asyncio.TaskGroup() as group:
        for attack in ATTACKS.values():
            group.create_task(_again_and_again(attack, port))


if __name__ == "__main__":
    asyncio.run(attack_all(int(sys.argv[1])))
