"""Edits a Part 10 file that comes in pieces: the File Meta Information, then the data set, deflated or not."""

import zlib
from collections.abc import Iterator, Mapping

from adapters.dicom import file_meta
from adapters.dicom.editor import Editor
from adapters.dicom.edits import Edits
from adapters.dicom.encoding import DEFLATED_UIDS, Malformed, encoding_of
from adapters.dicom.inflating import PIECE, Inflater
from adapters.dicom.originals import Originals
from gateway.contract.body import Buffer


def _in_steps(editor: Editor, octets: Buffer) -> Iterator[Buffer]:
    """Give *octets* to the editor in pieces, until it passes octets on unchanged."""
    view = memoryview(octets)
    while view and not editor.passes:
        yield editor.receive_data(view[:PIECE])
        view = view[PIECE:]
    if len(view):
        yield view


class FileEditor:
    """Takes a file in pieces and yields the edited one. Each step of an iterator does a limited amount of work."""

    def __init__(self, edits: Edits, meta: Mapping[int, str], *, keeps_originals: bool) -> None:
        self._edits, self._meta, self._keeps_originals = edits, meta, keeps_originals
        self._head = bytearray()
        self._editor: Editor | None = None
        self._meta_changes = 0
        self._inflater: Inflater | None = None
        self._deflater = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)  # PS3.5 A.5
        self._deflated = 0

    @property
    def is_changed(self) -> bool:
        """Whether the edited file differs from the original."""
        return self._meta_changes > 0 or (self._editor is not None and self._editor.changes > 0)

    def receive_data(self, octets: Buffer) -> Iterator[Buffer]:
        """Take the next octets; yield the edited octets that are ready, if any."""
        view = memoryview(octets)
        while self._editor is None and view:
            self._head += view[:PIECE]
            view = view[PIECE:]
            yield from self._front(is_whole=False)
        if self._editor is not None and len(view):
            yield from self._data_set(self._editor, view)

    def receive_end(self) -> Iterator[Buffer]:
        """Take the end of the file; yield the rest of the edited octets."""
        if self._editor is None:
            yield from self._front(is_whole=True)
        if self._editor is None:
            raise Malformed("the file ends before its data set begins")
        if self._inflater is None:
            yield self._editor.receive_end()
            return
        self._inflater.receive_end()
        yield self._deflate(self._editor.receive_end())
        last = self._deflater.flush()
        yield last + b"\0" * ((self._deflated + len(last)) % 2)  # PS3.5 A.5

    def _front(self, *, is_whole: bool) -> Iterator[Buffer]:
        found = file_meta.read(bytes(self._head), is_whole=is_whole)
        if found is None:
            return
        data_set = bytes(memoryview(self._head)[len(found.raw) :])
        self._head.clear()
        front = found.changed(self._meta)
        self._meta_changes = int(front != found.raw)
        encoding = encoding_of(found.transfer_syntax)
        if found.transfer_syntax in DEFLATED_UIDS:
            self._inflater = Inflater()
        self._editor = Editor(self._edits, encoding, Originals(encoding) if self._keeps_originals else None)
        yield front
        yield from self._data_set(self._editor, data_set)

    def _data_set(self, editor: Editor, octets: Buffer) -> Iterator[Buffer]:
        if self._inflater is None:
            yield from _in_steps(editor, octets)
            return
        for piece in self._inflater.receive_data(octets):
            yield self._deflate(editor.receive_data(piece))

    def _deflate(self, octets: Buffer) -> bytes:
        deflated = self._deflater.compress(octets)
        self._deflated += len(deflated)
        return deflated
