"""Stores that close connections between two messages, behind a real gateway process: no message fails for it."""

import asyncio
import json
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.adapters.dimse.raw_peer import command_of, store_rq
from tests.faults.peers import association, ct
from tests.impatient_store import Behaviour, impatient_store
from tests.mllp_client import adt, code_of, mllp_client
from tests.processes import serving
from tests.running import relay

pytestmark = pytest.mark.slow

FAILS = b"HTTP/1.1 500 Sorry\r\nContent-Length: 0\r\n\r\n"
EVERY = 5
IDLE = 0.03


def stow_reply(_number: int, body: bytes) -> bytes:
    """Return the reply that says the instance in *body* is stored."""
    uid = re.search(rb"\x08\x00\x18\x00UI..([0-9.]+)", body, re.DOTALL)
    assert uid is not None
    item = {"00081155": {"vr": "UI", "Value": [uid[1].decode()]}}
    said = json.dumps({"00081199": {"vr": "SQ", "Value": [item]}}).encode()
    return success(b"application/dicom+json", said)


def hl7_reply(_number: int, body: bytes) -> bytes:
    """Return the acknowledgement of the message in *body*."""
    said = rb"MSH|^~\&|STORE|||HILUM|20260102030405||ACK|1|P|2.5.1" + b"\rMSA|AA|%b\r" % body.split(b"|")[9]
    return success(b"x-application/hl7-v2+er7", said)


def success(media_type: bytes, body: bytes) -> bytes:
    """Return a reply."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (media_type, len(body), body)


def fails_sometimes(number: int, body: bytes) -> bytes:
    """Fail with each fifth request."""
    return FAILS if number % EVERY == 0 else stow_reply(number, body)


def is_kept(number: int, _connection: object) -> bool:
    """Hang up after each fifth request."""
    return number % EVERY != 0


async def test_messages(tmp_path: Path) -> None:
    """200 messages, each sent when the store may just be closing the connection: 200 AA, and each stored once."""
    moments = random.Random(9)
    codes: Counter[str] = Counter()
    with impatient_store(Behaviour(reply=hl7_reply, idle=IDLE)) as store:
        async with (
            serving(tmp_path, relay("kind: mllp, port: 0", f'kind: http, url: "{store.url}"')) as (_, ports),
            mllp_client(ports["in"]) as client,
        ):
            assert "AA" == code_of(await client.ask(adt("first")))
            await asyncio.sleep(5 * IDLE)  # now the gateway knows what the store is like
            for number in range(200):
                codes[code_of(await client.ask(adt(f"C{number}")))] += 1
                await asyncio.sleep(moments.uniform(0.7, 1.2) * IDLE)
    assert {"AA": 200} == codes
    assert 201 == len(store.bodies) == len(set(store.bodies))


@pytest.mark.parametrize("octets", [128, 300_000], ids=["small", "large"])
async def test_instances(tmp_path: Path, octets: int) -> None:
    """A store that fails with an instance and hangs up costs that one, and not the next."""
    statuses: list[int] = []
    with impatient_store(Behaviour(reply=fails_sometimes, afterwards=is_kept)) as store:
        async with (
            serving(tmp_path, relay("kind: dimse, port: 0", f'kind: dicomweb, url: "{store.url}"')) as (_, ports),
            association(ports["in"]) as peer,
        ):
            for number in range(50):
                uid = f"1.2.3.{number + 1}"
                await peer.send(store_rq(ct(uid, octets), uid=uid))
                statuses.append(int(command_of(await peer.receive()).Status))
    assert [0xA700 if number % EVERY == 0 else 0 for number in range(50)] == statuses


async def test_instances_at_intervals(tmp_path: Path) -> None:
    """50 instances, each sent when the store may just be closing the connection, are stored."""
    moments = random.Random(9)
    statuses: Counter[int] = Counter()
    with impatient_store(Behaviour(reply=stow_reply, idle=IDLE)) as store:
        async with (
            serving(tmp_path, relay("kind: dimse, port: 0", f'kind: dicomweb, url: "{store.url}"')) as (_, ports),
            association(ports["in"]) as peer,
        ):
            for number in range(50):
                uid = f"1.2.3.{number + 1}"
                await peer.send(store_rq(ct(uid), uid=uid))
                statuses[int(command_of(await peer.receive()).Status)] += 1
                # After the first one the gateway gets to know what the store is like.
                await asyncio.sleep(moments.uniform(0.7, 1.2) * IDLE if number else 5 * IDLE)
    assert {0: 50} == statuses
