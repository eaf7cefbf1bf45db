"""A store of a campaign that speaks MLLP."""

import asyncio
import random
from dataclasses import replace

import pytest

from tests.campaign.archives import HttpMessages, acknowledgement
from tests.campaign.history import History
from tests.campaign.hl7_sender import hl7
from tests.campaign.moods import GOOD, MOODS, PAGE, Mood
from tests.campaign.speech import MLLP, refusal
from tests.campaign.store import Store
from tests.ports import free_port

MESSAGE = hl7("test", "C1", "P1", 100_000)
NAMED = {mood.name: mood for mood in MOODS}
ANSWERS: dict[str, tuple[Mood, bytes, int]] = {
    "good": (GOOD, acknowledgement("C1"), 1),
    "an error of HTTP": (NAMED["status 500"], refusal("C1"), 0),
    "an error after storing": (NAMED["status 500 after storing"], refusal("C1"), 1),
    "a page": (NAMED["a page instead"], PAGE, 0),
}
"""The mood, its answer, and how often the message is kept."""


@pytest.mark.parametrize(("mood", "answer", "kept"), ANSWERS.values(), ids=ANSWERS)
async def test_mllp(mood: Mood, answer: bytes, kept: int) -> None:
    """A block is answered by a block, and kept as the mood says."""
    store = Store("ward", "127.0.0.1", free_port(), HttpMessages(), History(), random.Random(1), MLLP)
    await store.become(replace(mood, share=1.0))
    reader, writer = await asyncio.open_connection(store.host, store.port)
    writer.write(b"\x0b" + MESSAGE + b"\x1c\r")
    assert b"\x0b" + answer + b"\x1c\r" == await reader.readuntil(b"\x1c\r")
    assert ["C1"] * kept == [arrival.name for arrival in store.history.arrivals]
    writer.close()
    await store.down()
