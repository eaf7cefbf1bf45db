"""Helpers for the tests of the step: settings as in YAML, and a message as its lines."""

from collections.abc import Mapping
from typing import Any

from adapters.hl7.editing.edits import Edits, apply
from adapters.hl7.editing.settings import EditHl7v2Settings
from adapters.hl7.editing.step import edits_of
from gateway.contract.outcome import Refused

MSH = "MSH|^~\\&|HIS|NORTH|LAB|WARD|20240102||ADT^A01|C1|P|2.5"


def settings(**operations: Any) -> EditHl7v2Settings:
    """Return the settings with these operations."""
    return EditHl7v2Settings.model_validate({"kind": "edit_hl7v2", **operations})


def edits(operations: Mapping[str, Any]) -> Edits:
    """Return the edits of *operations*; their tables are inline."""
    read = settings(**operations)
    return edits_of(read, {path: each.values or {} for path, each in read.map.items()})


def edited(operations: Mapping[str, Any], data: bytes, charset: str | None = None) -> bytes | Refused:
    """Return the message *data* as edited."""
    return apply(edits(operations), data, charset)


def message(*lines: str, codec: str = "utf-8", header: str = MSH) -> bytes:
    """Return a message of these segments behind an MSH."""
    return "".join(f"{line}\r" for line in (header, *lines)).encode(codec)
