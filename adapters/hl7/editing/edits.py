"""All edits of a step, made to a message in an order that is fixed."""

from dataclasses import dataclass

from adapters.hl7.editing.operations import Editor, Table
from adapters.hl7.editing.paths import Path
from adapters.hl7.editing.refusals import NotEditable
from adapters.hl7.editing.segments import open_message
from adapters.hl7.editing.templates import Rule
from gateway.contract.outcome import Refused


@dataclass(frozen=True, slots=True)
class Edits:
    """What a step does, in the order in which it is done.

    What is copied is what was received, so that a value can be moved. ``map`` is last: its table may have the values
    that the others have brought into one form.
    """

    copy: tuple[tuple[Path, Path], ...] = ()
    """To where, and from where."""
    remove: tuple[Path, ...] = ()
    set: tuple[tuple[Path, str], ...] = ()
    replace: tuple[tuple[Path, Rule], ...] = ()
    map: tuple[tuple[Path, Table], ...] = ()


def apply(edits: Edits, data: bytes, charset: str | None = None) -> bytes | Refused:
    """Return the message *data* as edited; the very same object where nothing changes. Never raises.

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
