"""What the first octets of a file say of the DICOM instance in it, for files that are larger than the memory.

Old archives and some exports have files without the preamble, or without the whole header of Part 10 (PS3.10 7.1). What
is missing is added in front: the preamble; or, for a bare data set, a header with the UIDs of the data set itself. A
bare data set is Implicit VR Little Endian, as ACR-NEMA and DICOM's default are, unless its first elements have value
representations. Anything else that begins so is not guessed.
"""

from adapters.dicom.encoding import LONG_VRS, SHORT_VRS, Malformed
from adapters.dicom.file_meta import read
from adapters.dimse.storage import header_of
from gateway.contract.kind import Recognised
from gateway.contract.message import UID

PREFIX, PREAMBLE = b"DICM", bytes(128)
FILE_META, IDENTIFYING = b"\x02\x00", b"\x08\x00"
"""Groups 0002 and 0008 in little endian: how a file without preamble, and a bare data set, begin."""
DIRECTORY = "1.2.840.10008.1.3.10"
"""Media Storage Directory Storage: a DICOMDIR."""
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
SOP_CLASS, SOP_INSTANCE = b"\x08\x00\x16\x00", b"\x08\x00\x18\x00"
NAMES = {0x00020002: "sop_class_uid", 0x00020010: "transfer_syntax_uid"}
INSTANCE = 0x00020003


def recognise(head: bytes) -> Recognised | None:
    """Return what *head* says; None if it is no DICOM. Raises ValueError if it is an instance without a valid UID."""
    if head[128:132] == PREFIX:
        return _by_meta(head, b"")
    if head.startswith(PREFIX + FILE_META):
        return _by_meta(PREAMBLE + head, PREAMBLE)
    if head.startswith(FILE_META) and head[4:6] == b"UL":
        return _by_meta(PREAMBLE + PREFIX + head, PREAMBLE + PREFIX)
    if head.startswith(IDENTIFYING):
        return _of_data_set(head)
    return None


def _by_meta(head: bytes, missing: bytes) -> Recognised:
    try:
        meta = read(head, is_whole=True)
    except Malformed as error:
        raise ValueError(str(error)) from None
    assert meta is not None  # noqa: S101  it is whole
    values = {tag: value.strip(b"\0 ").decode("ascii", "replace") for tag, _, value in meta.elements}
    facts = {name: values[tag] for tag, name in NAMES.items() if values.get(tag)}
    if facts.get("sop_class_uid") == DIRECTORY:
        return Recognised({}, {}, is_index=True)
    return _recognised(facts, values.get(INSTANCE, ""), missing)


def _recognised(facts: dict[str, str], instance: str, missing: bytes) -> Recognised:
    if not UID.fullmatch(instance):
        raise ValueError("it names no valid SOP Instance UID")
    return Recognised({"protocol": "dimse", **facts}, {"sop_instance_uid": instance}, missing)


def _of_data_set(head: bytes) -> Recognised | None:
    """Return what a bare data set says of itself."""
    is_explicit = head[4:6] in SHORT_VRS | LONG_VRS
    found: dict[bytes, str] = {}
    at = 0
    while head[at : at + 2] == IDENTIFYING and at + 12 <= len(head) and head[at : at + 4] <= SOP_INSTANCE:
        tag, start, length = head[at : at + 4], at + 8, int.from_bytes(head[at + 4 : at + 8], "little")
        if is_explicit and head[at + 4 : at + 6] in LONG_VRS:
            start, length = at + 12, int.from_bytes(head[at + 8 : at + 12], "little")
        elif is_explicit:
            length = int.from_bytes(head[at + 6 : at + 8], "little")
        at = start + length
        if at > len(head):
            return None
        found[tag] = head[start:at].strip(b"\0 ").decode("ascii", "replace")
    sop_class, instance = found.get(SOP_CLASS, ""), found.get(SOP_INSTANCE, "")
    if not UID.fullmatch(sop_class) or not UID.fullmatch(instance):
        return None
    syntax = EXPLICIT if is_explicit else IMPLICIT
    facts = {"sop_class_uid": sop_class, "transfer_syntax_uid": syntax}
    return _recognised(facts, instance, header_of(sop_class, instance, syntax))
