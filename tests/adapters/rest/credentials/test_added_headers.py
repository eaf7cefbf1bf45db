"""Header fields from the configuration, in every request to a store of any kind."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from adapters.rest.credentials.added_headers import AddedHeaders
from adapters.rest.http.client import Client
from adapters.rest.settings import RestSettings
from gateway.contract.outcome import Unavailable

Start = Callable[..., Awaitable[str]]


def settings_for(url: str, **settings: object) -> RestSettings:
    """Return settings for a store at *url*."""
    return RestSettings.model_validate({"url": url, **settings})


async def test_sent_with_every_request(serve: Start, tmp_path: Path) -> None:
    """A request and the probe carry them; an API key is the one that its file holds at that time."""
    key, seen = tmp_path / "key", list[tuple[str, ...]]()

    async def record(request: web.Request) -> web.Response:
        seen.append(tuple(request.headers.get(name, "") for name in ("X-Tenant", "X-Api-Key", "User-Agent", "Host")))
        return web.Response()

    url = await serve(record)
    given = {"X-Tenant": "ward 7", "user-agent": "other"}
    settings = settings_for(url, headers=given, header_files={"X-Api-Key": str(key)})
    async with Client(settings) as client:
        key.write_text("first\n")
        await client.request("POST", url, {}, b"x")
        key.write_text("another")
        assert None is await client.probe(url)
        key.unlink()
        result = await client.request("POST", url, {}, b"x")
        assert "the file of header_files.X-Api-Key cannot be read" == await client.probe(url)
    host = url.removeprefix("http://")
    assert [("ward 7", "first", "other", host), ("ward 7", "another", "other", host)] == seen
    assert Unavailable("the file of header_files.X-Api-Key cannot be read") == result


def test_file_of_two_lines(tmp_path: Path) -> None:
    """A file cannot add a header of its own, and the reason does not repeat what it holds."""
    path = tmp_path / "key"
    path.write_text("abc\r\nHost: other")
    refusal = AddedHeaders(settings_for("http://127.0.0.1", header_files={"X-Key": str(path)})).fields()
    assert Unavailable("the file of header_files.X-Key holds characters that its header cannot carry") == refusal


def test_replace() -> None:
    """A configured field replaces Hilum's own field, whatever its case."""
    added = AddedHeaders(settings_for("http://127.0.0.1", headers={"USER-AGENT": "x"}))
    assert {"Accept": "*/*"} == added.replace({"User-Agent": "hilum", "Accept": "*/*"})
