"""``/api/v1/pipeline``: how far the research pipeline is, from what `hilum pipeline` writes below ``pipeline.tables``.

It has counts by hospital, stage and state, the first reason of a dead letter, which is a fixed sentence, and the kinds
of all reasons. No object
is named: its name may be that of a patient.
"""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from gateway.contract.pipeline import STATUS_FILE, STATUS_FOLDER
from gateway.screen.pipeline_progress import UNREADABLE

PIPELINE = "/api/v1/pipeline"
HEADERS = {"Cache-Control": "no-store"}
NOTHING: Mapping[str, Any] = {"running": None, "stages": []}


def add_pipeline_api(application: web.Application, tables: Path | None) -> None:
    """Add it to the admin port, whose access must demand authentication; *tables* is the setting of the pipeline."""

    async def show(_: web.Request) -> web.Response:
        found = NOTHING if tables is None else await asyncio.to_thread(_read, tables / STATUS_FOLDER / STATUS_FILE)
        return web.json_response(found, headers=HEADERS)

    application.router.add_get(PIPELINE, show)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        return NOTHING
    except (OSError, ValueError):
        return {**NOTHING, "problem": UNREADABLE}
    return found
