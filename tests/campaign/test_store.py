"""The campaign's stores do what their moods say, and record what they really did."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.campaign.archives import HttpMessages
from tests.campaign.history import STORED, History, digest
from tests.campaign.hl7_sender import hl7
from tests.campaign.http_requests import Answer
from tests.campaign.moods import GOOD, MOODS, Mood
from tests.campaign.store import Store
from tests.ports import free_port

MESSAGE = hl7("test", "C1", "P1", 0)
POISON = hl7("test", "C1-666", "P1", 0)
SERVING = [mood for mood in MOODS if not mood.refuses]


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """Run a store."""
    made = Store("store", "127.0.0.1", free_port(), HttpMessages(), History(), random.Random(1))
    await made.up()
    yield made
    await made.down()


async def post(store: Store, message: bytes) -> bytes:
    """Return the status line, or nothing where the connection ended instead."""
    reader, writer = await asyncio.open_connection(store.host, store.port)
    try:
        writer.write(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(message) + message)
        return (await reader.readline()).strip()
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize("mood", SERVING, ids=lambda mood: mood.name)
async def test_mood(store: Store, mood: Mood) -> None:
    """A request is carried out or not, its sender learns of it or not, and the history says which."""
    await store.become(replace(mood, share=1.0))
    asking = asyncio.create_task(post(store, MESSAGE))
    if mood.hangs:
        while not store.moods:
            await asyncio.sleep(0.01)
        await store.become(GOOD)
    line = await asking
    assert status_of(mood) == b"".join(line.split()[1:2])
    kept = store.history.arrivals
    assert ([digest(MESSAGE)] if mood.stores else []) == [arrival.digest for arrival in kept]
    if kept:
        while kept[0].told_at is None:
            await asyncio.sleep(0.01)
        assert (STORED if mood.answers == "truth" else mood.name) == kept[0].told


def status_of(mood: Mood) -> bytes:
    """Return the status that a sender gets to see, if any."""
    answer = {"truth": Answer(200), "instead": mood.instead}.get(mood.answers)
    return b"" if answer is None else str(answer.status).encode()


async def test_refused(store: Store) -> None:
    """Nobody listens, and afterwards somebody does at the same port."""
    await store.become(next(mood for mood in MOODS if mood.refuses))
    with pytest.raises(ConnectionRefusedError):
        await post(store, MESSAGE)
    await store.become(GOOD)
    assert (await post(store, MESSAGE)).startswith(b"HTTP/1.1 200")


async def test_poison(store: Store) -> None:
    """A poisonous message is refused until the poison is lifted, and others are taken beside it."""
    assert (await post(store, POISON)).startswith(b"HTTP/1.1 500")
    assert (await post(store, MESSAGE)).startswith(b"HTTP/1.1 200")
    store.poisoned = False
    assert (await post(store, POISON)).startswith(b"HTTP/1.1 200")
    assert ["C1", "C1-666"] == [arrival.name for arrival in store.history.arrivals]
