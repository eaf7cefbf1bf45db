"""``/api/v1/imports`` tells how far imports are, and names no object."""

from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.cli.importing.ledger import Entry, Ledger
from gateway.screen.imports_api import IMPORTS, add_imports_api


async def imports(data_dir: Path) -> tuple[list[dict[str, Any]], str]:
    """Return the answer, and its text."""
    application = web.Application()
    add_imports_api(application, data_dir)
    async with TestClient(TestServer(application)) as client, client.get(IMPORTS) as reply:
        found: list[dict[str, Any]] = (await reply.json())["imports"]
        return found, await reply.text()


async def test_counts(tmp_path: Path) -> None:
    """Also while an import runs."""
    assert await imports(tmp_path) == ([], '{"imports": []}')
    with Ledger(tmp_path / "import" / "north-images-0123456789ab.ledger") as ledger:
        ledger.put("/a/DOE^JANE/1", Entry("1", 10, "", "stored", "", 3))
        ledger.put("/a/DOE^JANE/2", Entry("1", 20, "", "refused", "it is empty"))
        ledger.begin("/a/DOE^JANE/3", "1", 5)
        (found,), text = await imports(tmp_path)
    assert found == {
        "destination": "north-images",
        "objects": {"stored": 1, "refused": 1, "sending": 1},
        "messages_stored": 3,
        "octets": 35,
        "first_reason": "it is empty",
    }
    assert "DOE" not in text


async def test_no_ledger(tmp_path: Path) -> None:
    """A file that is none is told, and harms no other."""
    (tmp_path / "import").mkdir()
    (tmp_path / "import" / "images-0.ledger").write_bytes(b"no database" * 100)
    found, _ = await imports(tmp_path)
    assert found == [{"destination": "images", "problem": "its ledger cannot be read"}]
