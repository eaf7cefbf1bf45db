"""The step kind ``edit_dicom``, and the reader of elements for routes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.dicom.elements import element_tag, read_elements
from adapters.dicom.settings import EditDicomSettings
from adapters.dicom.step import open_step
from gateway.contract.kind import FieldReader, StepKind
from gateway.contract.message import Message

EDIT_DICOM = StepKind("edit_dicom", EditDicomSettings, frozenset({"dicom"}), open_step)


def fields(names: Sequence[str]) -> FieldReader:
    """Return a reader of these elements, such as ``Modality``; raises ValueError if one cannot be read."""
    tags = {name: element_tag(name) for name in names}

    async def read(message: Message) -> tuple[Mapping[str, str], Message]:
        found, body = await read_elements(message.body, set(tags.values()))
        return {name: found[tag] for name, tag in tags.items() if tag in found}, replace(message, body=body)

    return read
