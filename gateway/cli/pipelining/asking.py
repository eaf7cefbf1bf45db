"""``hilum query CONFIG --public``: asks the public table of the pipeline, as it is on the public side."""

import asyncio
from argparse import Namespace

from gateway.cli.pipelining.command import opened
from gateway.config.parts import PipelinePart, load_part
from gateway.contract.pipeline import PipelineError
from gateway.contract.tables import Answer, TablesError


def ask_public(options: Namespace, sql: str, most: int | None) -> Answer:
    """Return the answer to a SELECT, or the rows whose reports have those words; raises TablesError."""
    try:
        found = opened(load_part(options.config, PipelinePart))
        return asyncio.run(found.search(sql, most) if options.search else found.query(sql, most))
    except PipelineError as error:
        raise TablesError(str(error)) from None
