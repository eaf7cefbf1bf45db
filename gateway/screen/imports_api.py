"""``/api/v1/imports``: how far each import is, from the ledgers that ``hilum import`` keeps below ``data_dir``.

It has counts, and the first reason why something is not stored; a reason is a fixed sentence. Objects are not named:
their names may be those of patients.
"""

import asyncio
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from aiohttp import web

from gateway.screen.import_counts import ENDING, FOLDER

IMPORTS = "/api/v1/imports"
HEADERS = {"Cache-Control": "no-store"}
COUNTS = "SELECT state, count(*), sum(stored), sum(size) FROM objects GROUP BY state"
FIRST = "SELECT reason FROM objects WHERE state IN ('refused', 'failed') ORDER BY uri LIMIT 1"


def add_imports_api(application: web.Application, data_dir: Path) -> None:
    """Add it to the admin port, whose access must demand authentication."""

    async def show(_: web.Request) -> web.Response:
        found = await asyncio.to_thread(lambda: list(_imports(data_dir / FOLDER)))
        return web.json_response({"imports": found}, headers=HEADERS)

    application.router.add_get(IMPORTS, show)


def _imports(folder: Path) -> Iterator[Mapping[str, Any]]:
    for path in sorted(folder.glob(f"*{ENDING}")):
        destination = path.name.removesuffix(ENDING).rpartition("-")[0]
        try:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
                counts = connection.execute(COUNTS).fetchall()
                first = connection.execute(FIRST).fetchone()
        except (sqlite3.Error, OSError):
            yield {"destination": destination, "problem": "its ledger cannot be read"}
            continue
        yield {
            "destination": destination,
            "objects": {state: number for state, number, _, _ in counts},
            "messages_stored": sum(stored for _, _, stored, _ in counts),
            "octets": sum(size for _, _, _, size in counts),
            "first_reason": first[0] if first else "",
        }
