"""All edits of a step, applied to a message in a fixed order."""

from dataclasses import dataclass

from adapters.hl7.editing.operations import Editor, Table
from adapters.hl7.editing.paths import Path
from adapters.hl7.editing.refusals import NotEditable
from adapters.hl7.editing.segments import open_message
from adapters.hl7.editing.templates import Rule
from gateway.contract.outcome import Refused


@dataclass(frozen=True, slots=True)
class Edits:
    """The edits of a step, in the order in which they are applied.

    ``copy`` is first, so that it copies values as received, and a value can be moved. ``map`` is last, so that its
    table can list values that the other edits have normalized.
    """

    copy: tuple[tuple[Path, Path], ...] = ()
    """Pairs of target and source."""
    remove: tuple[Path, ...] = ()
    set: tuple[tuple[Path, str], ...] = ()
    replace: tuple[tuple[Path, Rule], ...] = ()
    map: tuple[tuple[Path, Table], ...] = ()


def apply(edits: Edits, data: bytes, charset: str | None = None) -> bytes | Refused:
    """Return the edited message *data*; the same object if nothing changes. Never raises.

    *charset* overrides ``MSH-18``, as ``Message.charset`` does.
    """
    message = open_message(data, charset)
    if isinstance(message, Refused):
        return message
    try:
        _edit(Editor(message), edits)
    except NotEditable as stop:
        return stop.refused
    edited = message.join()
    return data if edited == data else edited


def _edit(editor: Editor, edits: Edits) -> None:
    for to, source in edits.copy:
        editor.copy(to, source)
    editor.remove(edits.remove)
    for path, text in edits.set:
        editor.set(path, text)
    for path, rule in edits.replace:
        editor.replace(path, rule)
    for path, table in edits.map:
        editor.map(path, table)
