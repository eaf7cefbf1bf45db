"""Which connection the next request gets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from adapters.rest.connecting.dialer import Dialer, Origin
from adapters.rest.connecting.failures import REFUSED
from adapters.rest.connecting.pool import Pool
from adapters.rest.http.connection import Connection
from adapters.rest.http.reply import Limits

Start = Callable[..., Awaitable[str]]

LIMITS = Limits(read_seconds=2, max_reply_bytes=1000, max_retry_after=300)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every line."""
    while await reader.readline():
        writer.write(OK)


@pytest.fixture
async def pool(listen: Start) -> AsyncIterator[Pool]:
    """Return a pool of connections to a store that answers every line."""
    pool = Pool(Dialer(Origin(await listen(answer)), 2), LIMITS)
    yield pool
    await pool.close()


async def used(pool: Pool) -> Connection:
    """Return a connection that has carried one request."""
    connection = await pool.take()
    assert isinstance(connection, Connection)
    connection.begin(None)
    connection.write(b"line\n")
    connection.end_request()
    await connection.wait_for_reply()
    return connection


async def test_last_used_first(pool: Pool) -> None:
    """The connection that came back last is taken first, so that the pool shrinks when there is less to do."""
    first, second = [await used(pool) for _ in range(2)]
    pool.give_back(first)
    pool.give_back(second)
    assert [second, first] == [await pool.take(), await pool.take()]


async def test_fresh(pool: Pool) -> None:
    """A fresh connection was never used, though others are idle."""
    first = await used(pool)
    pool.give_back(first)
    assert first is not await pool.take(fresh=True)
    assert first is await pool.take()


async def test_ended_connections_are_forgotten(pool: Pool) -> None:
    """A connection that has ended is not used again, and not kept."""
    connection = await used(pool)
    pool.give_back(connection)
    connection.abort()
    assert connection is not await pool.take()
    await connection.closed
    await asyncio.sleep(0)  # let what waits for the end learn of it
    assert connection not in pool._open


async def test_unfinished_exchange_ends_its_connection(pool: Pool) -> None:
    """A connection that comes back in the middle of a request is dropped."""
    connection = await pool.take()
    assert isinstance(connection, Connection)
    connection.begin(None)
    pool.give_back(connection)
    await connection.closed
    assert connection is not await pool.take()


async def test_close(pool: Pool) -> None:
    """Closing a pool ends the connections that are idle and those that are in use."""
    idle, busy = [await used(pool) for _ in range(2)]
    pool.give_back(idle)
    await pool.close()
    assert idle.closed.done()
    assert busy.closed.done()


async def test_no_connection(closed_port: str) -> None:
    """Without a connection, the pool returns the reason."""
    assert REFUSED == await Pool(Dialer(Origin(closed_port), 2), LIMITS).take()
