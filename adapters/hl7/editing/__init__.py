"""The step ``edit_hl7v2``: changes given fields of a message and leaves every other octet as it is."""

from adapters.hl7.editing.paths import Path, field_path
from adapters.hl7.editing.reading import read_field
from adapters.hl7.editing.settings import EditHl7v2Settings
from adapters.hl7.editing.step import open_step

__all__ = ["EditHl7v2Settings", "Path", "field_path", "open_step", "read_field"]
