"""The connections to one receiver."""

import asyncio
from collections import Counter

from adapters.mllp.client.events import Answered, NotSent
from adapters.mllp.client.outgoing import Outgoing
from adapters.mllp.client.pool import Pool
from adapters.mllp.client.settings import MllpDestinationSettings
from tests.adapters.mllp.client.receiver import ack as receiver_ack
from tests.adapters.mllp.client.receiver import receiving
from tests.mllp_client import adt


def pool_for(port: int, **more: object) -> Pool:
    """Return a pool."""
    settings = MllpDestinationSettings.model_validate({"kind": "mllp", "host": "127.0.0.1", "port": port, **more})
    return Pool(settings, None, Counter[str]().update)


def message(control_id: str) -> Outgoing:
    """Return a message."""
    return Outgoing(adt(control_id), control_id.encode(), control_id.encode())


async def test_any_free_connection() -> None:
    """A message takes any free connection, and a new one only where none is free."""
    async with receiving() as receiver:
        pool = pool_for(receiver.port, connections=2)
        for number in range(4):
            await pool.exchange(message(f"C{number}"))
        assert 1 == receiver.connections
        await asyncio.gather(*(pool.exchange(message(f"D{number}")) for number in range(8)))
        assert 2 >= receiver.connections
        await pool.close()


async def test_not_sent_on_a_kept_connection() -> None:
    """What a kept connection did not bring is sent on a new one at once."""
    async with receiving() as receiver:
        pool = pool_for(receiver.port)
        await pool.exchange(message("C1"))
        (connection,) = pool._idle
        connection.is_usable = lambda *_: True  # type: ignore[method-assign]
        connection._writer.write = lambda _: (connection.pause_writing(), connection._transport.abort())  # type: ignore[assignment,method-assign,func-returns-value]
        assert isinstance(await pool.exchange(message("C2")), Answered)
        assert 2 == receiver.connections
        await pool.close()


async def test_host_that_is_not_there() -> None:
    """A name that cannot be resolved is told."""
    settings = MllpDestinationSettings(kind="mllp", host="lab.invalid", port=2575)
    verdict = await Pool(settings, None, Counter[str]().update).exchange(message("C1"))
    assert isinstance(verdict, NotSent)


async def test_sign_while_idle() -> None:
    """When the second sign comes while a connection is idle, that one carries no further message either."""
    old = b"".join(receiver_ack(adt(name)) for name in ("C1", "C1"))
    async with receiving() as receiver:
        pool = pool_for(receiver.port)
        await pool.exchange(message("C1"))
        next(iter(receiver.open)).write(old)
        while not pool._reuse.keeps_none:
            await asyncio.sleep(0.01)
        assert isinstance(await pool.exchange(message("C2")), Answered)
        assert 2 == receiver.connections
        await pool.close()


async def test_close() -> None:
    """At the end all connections are closed."""
    async with receiving() as receiver:
        pool = pool_for(receiver.port, connections=2)
        await asyncio.gather(*(pool.exchange(message(f"D{number}")) for number in range(8)))
        await pool.close()
        assert set() == pool._open
        while receiver.open:
            await asyncio.sleep(0.01)


async def test_addresses() -> None:
    """It remembers where the receiver was reached."""
    async with receiving() as receiver:
        pool = pool_for(receiver.port)
        await pool.exchange(message("C1"))
        assert ["127.0.0.1"] == list(pool.addresses)
        await pool.close()
