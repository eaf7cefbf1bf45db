"""Commit mode through the whole gateway: what becomes of a message by what its store says each time."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.spool import State
from tests.faults.commit_mode import committing, records, until_states
from tests.faults.peers import hl7
from tests.mllp_client import code_of, mllp_client
from tests.running import relay, running_gateway


def acknowledgement(code: str, control_id: str, error: str = "") -> bytes:
    """Return what a store answers."""
    return f"MSH|^~\\&|S|A|P|B|20240501||ACK|1|P|2.5\rMSA|{code}|{control_id}\r{error}".encode()


LOCKED = "ERR|||206^Application record locked^HL70357|E\r"
OWN = "the store answered with the acknowledgement code"
ANOTHER = "the store's acknowledgement is about another message (MSA-2)"
STORIES: dict[str, tuple[list[bytes], str | None]] = {
    "WELL": ([acknowledgement("AA", "WELL")], None),
    "LOCKED": ([acknowledgement("AE", "LOCKED", LOCKED), acknowledgement("AA", "LOCKED")], None),
    "WRONG": ([acknowledgement("AE", "WRONG", "ERR|||101|E\r")], f"{OWN} AE: 101 required field missing"),
    "OTHER": ([acknowledgement("AA", "41")] * 2, f"given up after 2 doubtful replies, it may be stored: {ANOTHER}"),
    "REJECTED": ([acknowledgement("AR", "REJECTED")], f"{OWN} AR"),
}
"""By control ID: the store's answers in turn, and why the message is parked, or None if it is delivered."""


class Endpoint:
    """Answers each message by its control ID, in turn; counts what it gets."""

    def __init__(self) -> None:
        self.posts: Counter[str] = Counter()

    async def answer(self, request: web.Request) -> web.Response:
        """Take one message."""
        control_id = (await request.read()).decode().split("|")[9]
        answers = STORIES[control_id][0]
        self.posts[control_id] += 1
        return web.Response(body=answers[min(self.posts[control_id], len(answers)) - 1])

    def server(self) -> TestServer:
        """Return a server of it."""
        application = web.Application()
        application.router.add_post("/", self.answer)
        return TestServer(application)


async def test_each_reply_has_its_end(tmp_path: Path) -> None:
    """What is temporary is delivered, what is final is parked at once, what is doubtful after the tries allowed."""
    endpoint = Endpoint()
    async with endpoint.server() as server:
        answers = 'max_unreadable: 2, answers: {"MSA-1 AR": final}'
        destination = {"out": f'kind: http, url: "{server.make_url("/")}", {answers}'}
        async with running_gateway(committing(tmp_path, destination)) as gateway:
            async with mllp_client(gateway.ports["in"]) as client:
                asked = [code_of(await client.ask(hl7(control_id))) for control_id in STORIES]
            await until_states(tmp_path, {State.DELIVERED: 2, State.PARKED: 3})
    assert ["AA"] * len(STORIES) == asked
    assert {name: len(replies) for name, (replies, _) in STORIES.items()} == endpoint.posts
    parked = {each.identifiers["control_id"]: each.reason for each in await records(tmp_path)}
    assert {name: reason for name, (_, reason) in STORIES.items()} == parked


@pytest.mark.parametrize("control_id", ["LOCKED", "WRONG", "REJECTED"])
async def test_relay_mode_tells_the_peer(control_id: str) -> None:
    """A peer that is relayed gets the store's own acknowledgement at once, whatever it expects of the next try."""
    endpoint = Endpoint()
    async with endpoint.server() as server:
        destination = f'kind: http, url: "{server.make_url("/")}"'
        async with (
            running_gateway(relay("kind: mllp, port: 0", destination)) as gateway,
            mllp_client(gateway.ports["in"]) as client,
        ):
            async with asyncio.timeout(60):
                assert STORIES[control_id][0][0] == await client.ask(hl7(control_id))
    assert 1 == endpoint.posts[control_id]
