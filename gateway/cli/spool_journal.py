"""The journal of ``hilum spool``: what an operator decides of a message is part of what became of it."""

from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from gateway.config.parts import JournalPart, load_part
from gateway.flow.decisions import RecordedOperations
from gateway.journal.opening import JournalPlan, open_journal
from gateway.journal.schema import SLOTS
from gateway.spool import Operations


@asynccontextmanager
async def recorded(operations: Operations, options: Namespace) -> AsyncIterator[Operations]:
    """Yield *operations* such that the journal is told of retried and discarded entries.

    A journal that cannot be written is a warning in the log: the decision is carried out all the same.
    """
    part = load_part(options.config, JournalPart)
    keyed = {name for name, each in part.listeners.items() if each.identifiers == "keyed"}
    plan = JournalPlan(part.journal, part.data_dir, keyed, may_make=False, number=SLOTS)
    async with open_journal(plan, {}) as journal:
        yield cast("Operations", RecordedOperations(operations, journal.record))
