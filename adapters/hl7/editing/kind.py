"""The step kind ``edit_hl7v2``, and the reader of fields for routes."""

from collections.abc import Mapping, Sequence

from adapters.hl7.editing.paths import field_path
from adapters.hl7.editing.reading import read_field
from adapters.hl7.editing.settings import EditHl7v2Settings, MapSettings, ReplaceSettings
from adapters.hl7.editing.step import open_step
from gateway.contract.body import WholeBody
from gateway.contract.kind import FieldReader, StepKind
from gateway.contract.message import Message

EDIT_HL7V2 = StepKind(
    "edit_hl7v2",
    EditHl7v2Settings,
    frozenset({"hl7v2"}),
    open_step,
    parts={"`replace.PATH` of `edit_hl7v2`": ReplaceSettings, "`map.PATH` of `edit_hl7v2`": MapSettings},
)


def fields(names: Sequence[str]) -> FieldReader:
    """Return a reader of the fields at these paths, such as ``PV1-2``; raises ValueError if one is not a path."""
    paths = {name: field_path(name) for name in names}

    async def read(message: Message) -> tuple[Mapping[str, str], Message]:
        if not isinstance(message.body, WholeBody):
            return {}, message
        data, charset = message.body.data, message.charset
        found = {name: read_field(data, path, charset) for name, path in paths.items()}
        return {name: text for name, text in found.items() if text is not None}, message

    return read
