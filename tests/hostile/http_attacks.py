"""What hostile peers do to an HTTP listener: ``python -m tests.hostile.http_attacks PORT SEED``."""

import asyncio
import os
import random
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tests.adapters.http.fakes import ask, raw, request
from tests.phi.canaries import CANARY

MIB = 1024 * 1024
Attack = Callable[[int, random.Random], Awaitable[None]]
BODY = f'{{"resourceType":"Patient","gender":"female","name":[{{"family":"{CANARY}NAME"}}]}}'.encode()


async def slow_head(port: int, _: random.Random) -> None:
    """Send the head octet by octet."""
    async with raw(port) as client:
        for octet in request(body=BODY):
            client.send(bytes([octet]))
            await asyncio.sleep(0.1)


async def slow_body(port: int, _: random.Random) -> None:
    """Announce a large body, and send an octet now and then."""
    async with raw(port) as client:
        client.send(request(body=b'{"x":"', Content_Length=str(8 * MIB)))
        while True:
            client.send(CANARY.encode())
            await client.writer.drain()
            await asyncio.sleep(0.1)


async def endless_body(port: int, _: random.Random) -> None:
    """Send chunks without an end."""
    async with raw(port) as client:
        client.send(request(body=b"", Content_Length="", Transfer_Encoding="chunked"))
        chunk = CANARY.encode() * 4096
        while True:
            client.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            await client.writer.drain()


async def tiny_chunks(port: int, _: random.Random) -> None:
    """Send a body in chunks of one octet."""
    async with raw(port) as client:
        client.send(request(body=b"", Content_Length="", Transfer_Encoding="chunked"))
        while True:
            client.send(b"1\r\n \r\n" * 2000)
            await client.writer.drain()


async def large_bodies(port: int, _: random.Random) -> None:
    """Send bodies of the largest size, with names twice at their end."""
    body = b'{"resourceType":"Patient","a":[' + b'{"b":"' + CANARY.encode() * 10 + b'"},' * 40_000
    body = body[: 7 * MIB].rpartition(b"},")[0] + b'}],"x":1,"x":2}'
    await ask(port, request(body=body))


async def deep_bodies(port: int, _: random.Random) -> None:
    """Send lists within lists."""
    await ask(port, request(body=b"[" * 3 * MIB))


async def pipelined(port: int, _: random.Random) -> None:
    """Send thousands of requests without reading an answer."""
    async with raw(port) as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        while True:
            client.send(request(f"GET /fhir/Patient/{CANARY}", None) * 200)
            await client.writer.drain()


async def smuggled(port: int, _: random.Random) -> None:
    """Hide a request in the body of another one."""
    inner = request(body=BODY)
    head = request(body=b"", Content_Length=str(len(inner) + 5), Transfer_Encoding="chunked")
    async with raw(port) as client:
        client.send(head + b"0\r\n\r\n" + inner)
        await client.response()
        assert await client.is_closed()


async def noise(port: int, chance: random.Random) -> None:
    """Send octets of chance, and requests with some of theirs changed."""
    octets = bytearray(request(f"PUT /fhir/Patient/{CANARY}?name={CANARY}", BODY, If_Match=CANARY))
    for _ in range(chance.randint(1, 20)):
        octets[chance.randrange(len(octets))] = chance.randrange(256)
    async with raw(port) as client:
        client.send(chance.randbytes(200) if chance.random() < 0.3 else bytes(octets))
        client.writer.write_eof()
        await client.is_closed()


async def come_and_go(port: int, _: random.Random) -> None:
    """Connect and leave."""
    async with raw(port) as client:
        client.reset()


ATTACKS: list[tuple[Attack, int]] = [
    (slow_head, 20),
    (slow_body, 20),
    (endless_body, 2),
    (tiny_chunks, 1),
    (large_bodies, 1),
    (deep_bodies, 1),
    (pipelined, 2),
    (smuggled, 1),
    (noise, 2),
    (come_and_go, 2),
]


async def _again_and_again(attack: Attack, port: int, chance: random.Random) -> None:
    while True:
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, RuntimeError, ValueError):  # the peer is lost
            await attack(port, chance)
        await asyncio.sleep(0.01)


async def attack_all(port: int, seed: str) -> None:
    """Attack until the process is killed, after those who share the processors."""
    os.nice(10)
    chance = random.Random(seed)
    async with asyncio.TaskGroup() as group:
        for attack, number in ATTACKS:
            for _ in range(number):
                group.create_task(_again_and_again(attack, port, random.Random(chance.random())))


if __name__ == "__main__":
    asyncio.run(attack_all(int(sys.argv[1]), sys.argv[2]))
