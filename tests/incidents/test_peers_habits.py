"""Incidents 15 and 25: peers that give up first, send too much or twice, share an address, or fall silent."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from tests.incidents.staging import Stage, Told, settings, staged
from tests.incidents.stores import Store, results
from tests.mllp_client import adt, code_of, mllp_client

pytestmark = [pytest.mark.slow, pytest.mark.slow]
ROUTES = "{from: lab, to: results, attempts: 1}"
LAB = "LAB|HOSPITAL"
RATE = "messages_per_second: 2"


def configuration(folder: Path, store: Store, listener: str = "", more: str = "") -> str:
    """Return a gateway for a laboratory."""
    return settings(folder, f"lab: {{kind: mllp, port: 0, {listener}}}", results(store.url), ROUTES, more)


def of(sender: str, control_id: str) -> bytes:
    """Return a message of *sender*, MSH-3 and MSH-4."""
    fields = adt(control_id).split(b"|")
    fields[2], fields[3] = sender.encode().split(b"|")
    return b"|".join(fields)


async def sends(stage: Stage, *control_ids: str, sender: str = LAB) -> list[str]:
    """Send messages over one connection; return the codes of their acknowledgements."""
    async with mllp_client(stage.ports["lab"]) as client:
        return [code_of(await client.ask(of(sender, each))) for each in control_ids]


async def test_15_gives_up_first(tmp_path: Path) -> None:
    """The store needs longer than the laboratory waits; then it waits long enough."""
    told = Told(
        "peer_gave_up",
        LAB,
        "peer",
        f"{LAB} hangs up after",
        f"Raise the time-out of {LAB} above listeners.lab's `within`, or set `acknowledge: commit`.",
        ("it will send again",),
    )
    async with (store := Store()).up(), staged(tmp_path, configuration(tmp_path, store)) as stage:
        store.seconds = 4.0
        async with mllp_client(stage.ports["lab"]) as client:
            client.writer.write(b"\x0b" + of(LAB, "C1") + b"\x1c\r")
            await client.writer.drain()
            await asyncio.sleep(1.5)  # what is tested: its time-out
        await stage.tells(told)
        store.seconds = 0.0
        assert ["AA"] == await sends(stage, "C1")
        await stage.is_as_usual()
        await stage.has_logged_once(told)


async def test_25_flood(tmp_path: Path) -> None:
    """The laboratory sends as fast as it can, and two messages a second are allowed; then it is done."""
    told = Told(
        "rate",
        LAB,
        "peer",
        f"{LAB} sends more than the 2 messages a second that are allowed.",
        "Ask its owner why, or raise listeners.lab.messages_per_second.",
        ("It is read more slowly; nothing is lost.",),
    )
    async with (
        Store().up() as store,
        staged(tmp_path, configuration(tmp_path, store, "messages_per_second: 2")) as stage,
    ):
        assert ["AA"] * 8 == await sends(stage, *(f"C{number}" for number in range(8)))
        await stage.tells(told)
        await stage.is_as_usual()
        await stage.has_logged_once(told)


async def test_25_too_many_connections(tmp_path: Path) -> None:
    """The laboratory opens more connections than it may and closes none; then it closes them."""
    told = Told(
        "peer_limit",
        "127.0.0.1",
        "peer",
        "127.0.0.1 has 2 connections to lab, as many as are allowed",
        "Ask its owner whether it closes its connections, or raise listeners.lab.max_connections_per_peer.",
        ("Further connections are closed at once.",),
    )
    limit = "max_connections_per_peer: 2"
    async with Store().up() as store, staged(tmp_path, configuration(tmp_path, store, limit)) as stage:
        async with mllp_client(stage.ports["lab"]) as first, mllp_client(stage.ports["lab"]) as second:
            assert "AA" == code_of(await first.ask(of(LAB, "C1")))
            assert "AA" == code_of(await second.ask(of(LAB, "C2")))
            reader, writer = await asyncio.open_connection("127.0.0.1", stage.ports["lab"])
            with suppress(ConnectionError):
                assert b"" == await reader.read(1)
            writer.close()
            await stage.tells(told)
        await is_let_in(stage)
        await stage.is_as_usual()
        await stage.has_logged_once(told)


async def is_let_in(stage: Stage) -> None:
    """Try until the gateway has seen that the connections before are closed."""
    async with asyncio.timeout(60):
        while True:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                assert ["AA"] == await sends(stage, "C3")
                return
            await asyncio.sleep(0.2)


async def test_25_duplicates(tmp_path: Path) -> None:
    """The laboratory sends each message twice; then it is told to read our answers."""
    told = Told(
        "duplicates",
        LAB,
        "peer",
        f"{LAB} sent 6 messages again that were taken before.",
        "Ask its owner: it does not read our answers, or gives up too early.",
        ("They are recognised and not delivered twice.",),
    )
    text = configuration(tmp_path, store := Store(), "acknowledge: commit")
    async with store.up(), staged(tmp_path, text) as stage:
        twice = [f"C{number // 2}" for number in range(12)]
        assert ["AA"] * 12 == await sends(stage, *twice)
        await stage.tells(told)
        assert ["AA"] == await sends(stage, "D1")
        await stage.is_as_usual()
        await stage.has_logged_once(told)


async def test_two_peers_behind_one_address(tmp_path: Path) -> None:
    """An engine sends for a laboratory and a ward. That is as usual; whom a limit hits is told by their names."""
    async with (
        Store().up() as store,
        staged(tmp_path, configuration(tmp_path, store, "messages_per_second: 2")) as stage,
    ):
        for sender in (LAB, "WARD|HOSPITAL"):
            assert ["AA"] == await sends(stage, "C1", sender=sender)
        await stage.is_as_usual()
        assert [] == [each for each in stage.process.events if each["event"] == "case_began"]
        assert ["AA"] * 8 == await sends(stage, *(f"D{number}" for number in range(8)))
        shared = f"this address is shared by {LAB}, WARD|HOSPITAL"
        told = Told("rate", LAB, "peer", "2 messages a second", "Ask its owner why", (shared,))
        await stage.tells(told)


async def test_silence(tmp_path: Path) -> None:
    """The laboratory sends nothing for longer than `silence_after`; then it sends again."""
    told = Told(
        "silent",
        LAB,
        "peer",
        "No message for",
        f"Call the owner of {LAB}",
        ("Laboratory IT, 4730", "Its connection is open, no message comes."),
    )
    peers = f"peers: {{'{LAB}': {{silence_after: 5, contact: 'Laboratory IT, 4730'}}}}"
    text = configuration(tmp_path, store := Store(), more=peers)
    async with store.up(), staged(tmp_path, text) as stage, mllp_client(stage.ports["lab"]) as client:
        assert "AA" == code_of(await client.ask(of(LAB, "C1")))
        await stage.tells(told)

        async def send() -> None:
            assert "AA" == code_of(await client.ask(of(LAB, "C2")))

        await stage.is_as_usual(send)
        await stage.has_logged_once(told)
