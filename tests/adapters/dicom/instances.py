"""Instances for the tests of edits, and helpers that edit them."""

import struct
import warnings
import zlib
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from adapters.dicom.file_editor import FileEditor
from adapters.dicom.settings import EditDicomSettings

IMPLICIT, EXPLICIT, BIG, DEFLATED = (
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.1.99",
)
SYNTAXES = (IMPLICIT, EXPLICIT, BIG, DEFLATED)


def element(tag: int, vr: str, value: bytes, length: int | None = None) -> bytes:
    """Return an element in Explicit VR Little Endian."""
    size = len(value) if length is None else length
    head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr.encode())
    if vr in {"OB", "OW", "SQ", "UN", "UT", "UC", "UR"}:
        return head + b"\0\0" + struct.pack("<L", size) + value
    return head + struct.pack("<H", size) + value


def item(elements: bytes, length: int | None = None) -> bytes:
    """Return an item; its end is marked where *length* is FFFFFFFF."""
    end = struct.pack("<HHL", 0xFFFE, 0xE00D, 0) if length == 0xFFFFFFFF else b""
    return struct.pack("<HHL", 0xFFFE, 0xE000, len(elements) if length is None else length) + elements + end


def part10(data_set: bytes, syntax: str = EXPLICIT, uid: str = "1.2.3", *, deflate: bool = True) -> bytes:
    """Return a file with this data set, as a listener makes it."""
    group = b"".join(
        element(0x00020000 | number, "UI", text.encode() + b"\0" * (len(text) % 2))
        for number, text in ((2, "1.2.840.10008.5.1.4.1.1.2"), (3, uid), (0x10, syntax))
    )
    if syntax == DEFLATED and deflate:
        deflater = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        data_set = deflater.compress(data_set) + deflater.flush()
        data_set += b"\0" * (len(data_set) % 2)
    return bytes(128) + b"DICM" + element(0x00020000, "UL", struct.pack("<L", len(group))) + group + data_set


def written(data_set: Dataset, syntax: str = EXPLICIT, uid: str = "1.2.3") -> bytes:
    """Return a file with *data_set*, written by pydicom."""
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = syntax != BIG, syntax == IMPLICIT
    write_dataset(buffer, data_set)
    return part10(buffer.getvalue(), syntax, uid)


def read(file: bytes) -> Dataset:
    """Return what pydicom reads, all of it, sequences too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data_set = dcmread(BytesIO(file))
        for _ in data_set.iterall():
            pass
    return data_set


def plain(file: bytes) -> bytes:
    """Return the data set, inflated if it is deflated."""
    start = 144 + struct.unpack_from("<L", file, 140)[0]
    is_deflated = DEFLATED.encode() in file[:start]
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(file[start:]) if is_deflated else file[start:]


def settings(**given: Any) -> EditDicomSettings:
    """Return the settings of a step."""
    return EditDicomSettings.model_validate({"kind": "edit_dicom", "original_attributes": False} | given)


def cut(data: bytes, sizes: Sequence[int]) -> Iterable[bytes]:
    """Yield *data* in pieces of *sizes*, over and over."""
    at, turn = 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        yield data[at : at + size]
        at, turn = at + size, turn + 1


def edit(file: bytes, sizes: Sequence[int] = (1 << 20,), **given: Any) -> bytes:
    """Return the edited *file*; raises Malformed."""
    chosen = settings(**given)
    editor = FileEditor(chosen.edits(), chosen.file_meta(), keeps_originals=chosen.keeps_originals)
    out = [bytes(octets) for piece in cut(file, sizes) for octets in editor.receive_data(piece)]
    return b"".join([*out, *(bytes(octets) for octets in editor.receive_end())])
