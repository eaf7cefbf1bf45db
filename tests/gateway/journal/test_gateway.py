"""The journal of a whole gateway: what is in it after messages of each protocol, in each mode."""

import asyncio
import time
from pathlib import Path

import pytest
from aiohttp import ClientSession

from adapters.dimse.kind import DIMSE
from gateway.contract.journal import Row
from gateway.contract.sending import Address, SendOptions
from gateway.journal.folder import folder_of
from gateway.journal.query import Query
from gateway.journal.search import search
from gateway.sandbox.server import Sandbox
from tests.dicom_files import make_instance
from tests.mllp_client import adt, code_of, mllp_client
from tests.running import relay, running_gateway


async def rows_of(data_dir: Path, count: int, query: Query | None = None) -> list[Row]:
    """Return the rows of the journal once there are *count* of them, the oldest first."""
    async with asyncio.timeout(20):
        while True:
            page = search(folder_of(data_dir), query or Query())
            if len(page.found) >= count:
                return [each.row for each in reversed(page.found)]
            await asyncio.sleep(0.05)


def with_data_dir(text: str, data_dir: Path) -> str:
    """Return a configuration with a folder for the journal."""
    return f'{text}\ndata_dir: "{data_dir}"\n'


async def test_relayed_message(tmp_path: Path) -> None:
    """All that is known of a relayed message is in its row, and nothing of its content."""
    async with Sandbox(tmp_path / "s") as sandbox:
        store = f'kind: hl7v2_store, url: "{sandbox.hl7v2_store_url()}"'
        began = time.time()
        async with running_gateway(with_data_dir(relay("kind: mllp, port: 0", store), tmp_path / "d")) as gateway:
            async with mllp_client(gateway.ports["in"]) as client:
                message = adt("C1")
                assert "AA" == code_of(await client.ask(message))
                port = client.writer.get_extra_info("sockname")[1]
            (row,) = await rows_of(tmp_path / "d", 1)
    assert began <= row.at <= time.time()
    assert ("in", f"127.0.0.1:{port}", "C1") == (row.listener, row.address, row.key)
    assert ("ADT^A01", "stored", "AA", "", "out", 1) == (
        row.type,
        row.outcome,
        row.answer,
        row.reason,
        row.destination,
        row.attempts,
    )
    assert 20 == len(row.message_id)
    assert len(message) >= row.octets > 0
    assert 0 < row.seconds < 10
    kept = b"".join(each.read_bytes() for each in (tmp_path / "d" / "journal").iterdir() if each.is_file())
    assert b"C1" in kept
    assert b"PID|" not in kept
    assert 0o700 == (tmp_path / "d" / "journal").stat().st_mode & 0o777


async def test_store_that_is_away(tmp_path: Path) -> None:
    """A message that could not be delivered has the reason, the destination and the number of attempts."""
    text = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"', within=5, attempts=2)
    async with running_gateway(with_data_dir(text, tmp_path)) as gateway:
        async with mllp_client(gateway.ports["in"]) as client:
            assert "AR" == code_of(await client.ask(adt("C1")))
        (row,) = await rows_of(tmp_path, 1, Query(outcome="not_stored"))
    assert ("unavailable", "AR", "out", 2) == (row.outcome, row.answer, row.destination, row.attempts)
    assert row.reason


async def test_unroutable(tmp_path: Path) -> None:
    """A message that no route takes has no destination."""
    text = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"')
    text = text.replace("to: out", 'when: {message_type: "ORU^*"}, to: out')
    async with running_gateway(with_data_dir(text, tmp_path)) as gateway:
        async with mllp_client(gateway.ports["in"]) as client:
            await client.ask(adt("C1"))
        (row,) = await rows_of(tmp_path, 1)
    assert ("refused", "AR", "", 0) == (row.outcome, row.answer, row.destination, row.attempts)


async def test_committed_message(tmp_path: Path) -> None:
    """In commit mode a message has a row for its answer and one for its delivery; a duplicate is named so."""
    async with Sandbox(tmp_path / "s") as sandbox:
        store = f'kind: hl7v2_store, url: "{sandbox.hl7v2_store_url()}"'
        text = with_data_dir(relay("kind: mllp, port: 0, acknowledge: commit", store), tmp_path / "d")
        async with running_gateway(text) as gateway:
            async with mllp_client(gateway.ports["in"]) as client:
                assert "AA" == code_of(await client.ask(adt("C1")))
                await rows_of(tmp_path / "d", 2)
                assert "AA" == code_of(await client.ask(adt("C1")))
            found = await rows_of(tmp_path / "d", 3, Query(identifier="C1"))
    answer, delivery, duplicate = found
    assert ("in", "committed", "AA", "out", 0) == answer[2:3] + answer[8:10] + answer[11:13]
    assert ("", "stored", "", "out", 1) == delivery[2:3] + delivery[8:10] + delivery[11:13]
    assert (answer.message_id, answer.key, answer.peer, answer.type) == (
        delivery.message_id,
        delivery.key,
        delivery.peer,
        delivery.type,
    )
    assert ("duplicate", "C1") == (duplicate.outcome, duplicate.key)
    life = await rows_of(tmp_path / "d", 2, Query(identifier=answer.message_id))
    assert [answer, delivery] == life


@pytest.mark.parametrize("acknowledge", ["relay", "commit"])
async def test_instance(tmp_path: Path, acknowledge: str) -> None:
    """An instance has its AE title, SOP class and UID, whichever mode it came in."""
    path = make_instance(tmp_path, 1, "1.2.3", "1.2.3.4")
    async with Sandbox(tmp_path / "s") as sandbox:
        store = f'kind: dicomweb, url: "{sandbox.dicom_web_url()}"'
        listener = f"kind: dimse, port: 0, acknowledge: {acknowledge}"
        async with running_gateway(with_data_dir(relay(listener, store), tmp_path / "d")) as gateway:
            assert DIMSE.send is not None
            address = Address("127.0.0.1", gateway.ports["in"], "HILUM")
            told = [each.answer async for each in DIMSE.send(address, [path], SendOptions())]
            rows = await rows_of(tmp_path / "d", 1 if acknowledge == "relay" else 2)
    assert ["0000"] == told
    row = rows[0]
    assert ("in", "1.2.840.10008.5.1.4.1.1.2", "0000", "out") == (row.listener, row.type, row.answer, row.destination)
    assert ("stored" if acknowledge == "relay" else "committed") == row.outcome
    assert row.peer
    assert row.key.startswith("1.2.826")
    assert {row.key} == {each.key for each in rows}
    assert row.octets > 64 * 64 * 2 - 1


async def test_keyed_identifiers(tmp_path: Path) -> None:
    """Of keyed identifiers the disk has only a digest, and a search by the whole ID finds the message."""
    text = relay("kind: mllp, port: 0, identifiers: keyed", 'kind: http, url: "http://127.0.0.1:1/"', attempts=1)
    async with running_gateway(with_data_dir(text, tmp_path)) as gateway:
        async with mllp_client(gateway.ports["in"]) as client:
            await client.ask(adt("PATIENT4711"))
        (row,) = await rows_of(tmp_path, 1)
        assert [row] == await rows_of(tmp_path, 1, Query(identifier="PATIENT4711"))
        assert [row] == await rows_of(tmp_path, 1, Query(identifier=row.key))
    assert row.key.startswith("keyed:")
    for each in (tmp_path / "journal").iterdir():
        assert b"PATIENT4711" not in each.read_bytes()


async def test_not_writable(tmp_path: Path) -> None:
    """With a journal that cannot be written the gateway works, says why, and counts nothing as lost."""
    (tmp_path / "journal").write_text("a file where the folder should be")
    text = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"', attempts=1)
    async with running_gateway(with_data_dir(text, tmp_path)) as gateway:
        async with mllp_client(gateway.ports["in"]) as client:
            assert "AR" == code_of(await client.ask(adt("C1")))
        async with ClientSession() as http, http.get(f"http://127.0.0.1:{gateway.admin_port}/metrics") as reply:
            assert "hilum_journal_dropped_total 0.0" in await reply.text()
