"""Operations over HTTP."""

from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox
from tests.gateway.sandbox.deidentifying.support import FHIR_HERE, FHIR_THERE, NAME, REDACTED, Operations


@pytest.fixture
def api(sandbox: Sandbox, client: ClientSession, tmp_path: Path) -> Operations:
    """Return a client of the running sandbox."""
    return Operations(sandbox, client, tmp_path / "data")


async def test_pages(api: Operations) -> None:
    """Operations are listed, the latest first, in pages."""
    await api.put()
    await api.make(FHIR_THERE)
    done = [await api.run(FHIR_HERE, destinationStore=FHIR_THERE, config=REDACTED) for _ in range(3)]
    status, page = await api.ask("GET", f"{NAME}/operations?pageSize=2")
    assert (status, page["operations"]) == (200, [done[2], done[1]])
    _, rest = await api.ask("GET", f"{NAME}/operations?pageSize=2&pageToken={page['nextPageToken']}")
    assert rest == {"operations": [done[0]]}
    assert await api.ask("GET", f"{NAME}2/operations") == (200, {})


async def test_refused(api: Operations) -> None:
    """Filters are not there; what is no number, and no operation, is an error."""
    for path, status in (
        ("operations?filter=done", 501),
        ("operations?pageSize=x", 400),
        ("operations?pageToken=-1", 400),
        ("operations/7", 404),
        ("operations/7/logs", 404),
    ):
        assert (await api.ask("GET", f"{NAME}/{path}"))[0] == status
    assert (await api.ask("POST", f"{NAME}/operations/7:cancel", {}))[0] == 404


async def test_cancel_of_what_is_done(api: Operations) -> None:
    """Nothing happens."""
    await api.put()
    await api.make(FHIR_THERE)
    done = await api.run(FHIR_HERE, destinationStore=FHIR_THERE, config=REDACTED)
    assert await api.ask("POST", f"{done['name']}:cancel", {}) == (200, {})
    assert await api.ask("GET", done["name"]) == (200, done)
