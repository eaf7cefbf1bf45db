"""The step around :func:`adapters.hl7.editing.edits.apply`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from adapters.hl7.editing.edits import Edits, apply
from adapters.hl7.editing.operations import Table, Unlisted
from adapters.hl7.editing.paths import removed_path, source_path, target_path
from adapters.hl7.editing.settings import EditHl7v2Settings, MapSettings, ReplaceSettings
from adapters.hl7.editing.tables import read_table
from adapters.hl7.editing.templates import Rule, read_rule
from gateway.contract.body import Body, WholeBody
from gateway.contract.errors import ConfigError
from gateway.contract.message import Message
from gateway.contract.outcome import Refused

SMALL = 16 * 1024
"""Largest message that is edited in the event loop: this takes less time than handing it to a thread."""


class EditHl7v2:
    """Edits a message. The same message always gives the same result."""

    def __init__(self, edits: Edits) -> None:
        self._edits = edits

    async def __call__(self, message: Message) -> Message | Refused:
        """Return the edited *message*; the same object if nothing changes."""
        data = await _whole(message.body)
        if len(data) <= SMALL:
            edited = apply(self._edits, data, message.charset)
        else:  # a thread, so that other peers do not wait
            edited = await asyncio.to_thread(apply, self._edits, data, message.charset)
        if isinstance(edited, Refused):
            return edited
        # The identifiers stay valid, because MSH-10 cannot be edited.
        return message if edited is data else replace(message, body=WholeBody(edited))


@asynccontextmanager
async def open_step(name: str, settings: EditHl7v2Settings) -> AsyncIterator[EditHl7v2]:
    """Read the tables and yield the step *name*; raises ConfigError with every table that cannot be used."""
    problems: list[str] = []
    tables = {}
    for path, each in settings.map.items():
        try:
            tables[path] = await asyncio.to_thread(_values, each)
        except ValueError as error:
            problems.append(f"steps.{name}.map.{path}.file: {error}")
    if problems:
        raise ConfigError(*problems)
    yield EditHl7v2(edits_of(settings, tables))


def edits_of(settings: EditHl7v2Settings, tables: dict[str, dict[str, str]]) -> Edits:
    """Return the edits that *settings* describe; *tables* are those of ``map``, by path."""
    return Edits(
        copy=tuple((target_path(to), source_path(source)) for to, source in settings.copied.items()),
        remove=tuple(map(removed_path, settings.remove)),
        set=tuple((target_path(path), text) for path, text in settings.set.items()),
        replace=tuple((target_path(path), _rule(each)) for path, each in settings.replace.items()),
        map=tuple((target_path(path), _table(tables[path], each.default)) for path, each in settings.map.items()),
    )


def _values(settings: MapSettings) -> dict[str, str]:
    return settings.values or {} if settings.file is None else read_table(settings.file)


def _rule(settings: ReplaceSettings) -> Rule:
    return read_rule(settings.pattern, settings.written)


def _table(values: dict[str, str], default: str) -> Table:
    is_word = default in {each.value for each in Unlisted}
    return Table(values, Unlisted(default) if is_word else default)


async def _whole(body: Body) -> bytes:
    return body.data if isinstance(body, WholeBody) else b"".join([bytes(chunk) async for chunk in body.chunks()])
