"""Edits a data set that comes in pieces (PS3.5 7).

Elements are read one by one. An element that no edit concerns is passed on in pieces, unchanged. An element that is set
is written at the position of its tag, because a data set is sorted (PS3.5 7.1). A sequence with edits is read item by
item. A sequence of defined length is held back until its new length is known; if it is larger than MOST_HELD, it gets
an undefined length instead. A group with a group length is also held back, or loses its group length.

From the pixel data on, if nothing can change any more, the octets are passed on as they come.
"""

from adapters.dicom.dictionary import vr_of
from adapters.dicom.edits import Edits
from adapters.dicom.encoding import ITEM, ITEM_END, SEQUENCE_END, UNDEFINED, Encoding, Header, Malformed
from adapters.dicom.originals import NOTED, ORIGINAL_ATTRIBUTES, TOO_LARGE, Originals
from adapters.dicom.output import GROWN, MOST_GROWN, MOST_HELD, Held
from adapters.dicom.plain import CHARACTER_SET, Plain
from adapters.dicom.scope import Scope
from adapters.dicom.source import Reading
from adapters.dicom.walker import MAX_DEPTH, MISFIT, NO_ITEM, PIXELS, TOO_DEEP, has_fragments, inner
from adapters.dicom.writer import Writer
from gateway.contract.body import Buffer

MOST_NOTED = 1024
"""Longest value that the editor reads itself: a character set, a private creator, a date."""
UNSORTED = "an element to be set occurs twice, or after an element with a higher tag"


class Editor(Writer):
    """Takes a data set (not deflated) in pieces and returns the edited one in pieces; raises Malformed."""

    def __init__(self, edits: Edits, encoding: Encoding, originals: Originals | None = None) -> None:
        super().__init__(edits.last, originals)
        self.passes = False
        """Whether nothing can change any more: the next octets are passed on as they are."""
        self._reading = self._whole(Scope(edits, encoding, 0, ()))

    def receive_data(self, octets: Buffer) -> Buffer:
        """Take the next octets; return the edited octets that are ready."""
        if self.passes:
            return octets
        self.source.feed(octets)
        next(self._reading, None)
        return self.output.drain()

    def receive_end(self) -> Buffer:
        """Take the end of the data set; return the rest of the edited octets."""
        self.source.is_ended = True
        return self.receive_data(b"")

    def _whole(self, scope: Scope) -> Reading[None]:
        plain = Plain(scope.edits, scope.encoding)
        while (yield from self.source.has_more()):
            self._pass_plain(plain, scope)
            if not (yield from self.source.has_more()):
                break
            if not (yield from self.source.peek(4)).strip(b"\0"):
                self.finish(scope)
                yield from self._padding()
                return
            header = yield from self.source.header(scope.encoding)
            if header.tag in PIXELS and header.tag > scope.edits.last:
                self.finish(scope)
                self.output.write(header.raw + self.source.rest())
                self.passes = True
                return
            yield from self._element(scope, header, None)
        self.finish(scope)

    def _pass_plain(self, plain: Plain, scope: Scope) -> None:
        """Pass on the elements that have come completely and that no edit concerns."""
        limit = scope.pending[-1] if scope.pending else UNDEFINED
        if self.originals is not None and not self.reserved.is_filled:
            limit = 0 if self.reserved.is_open else min(limit, ORIGINAL_ATTRIBUTES)
        group = None if scope.group is None else scope.group.number
        self.output.write(self.source.run(lambda octets, at: plain.end(octets, at, limit, group)))

    def _padding(self) -> Reading[None]:
        """Pass on NULs, which some systems append to a file; nothing else may follow them."""
        while (yield from self.source.has_more()):
            octets = self.source.rest()
            if octets.strip(b"\0"):
                raise Malformed("octets follow the end of the data set")
            self.output.write(octets)

    def _edited_item(self, scope: Scope, end: int | None) -> Reading[None]:
        """Edit the elements of an item, up to the position *end* or up to its delimiter."""
        while end is None or self.source.position < end:
            header = yield from self.source.header(scope.encoding)
            if header.tag == ITEM_END and end is None:
                self.finish(scope)
                self.output.write(header.raw)
                return
            yield from self._element(scope, header, end)
        if end is not None and self.source.position > end:
            raise Malformed(MISFIT)
        self.finish(scope)

    def _element(self, scope: Scope, header: Header, end: int | None) -> Reading[None]:
        if header.group == 0xFFFE:
            raise Malformed(NO_ITEM)
        if end is not None and self.source.position + (0 if header.is_undefined else header.length) > end:
            raise Malformed(MISFIT)
        self.before(scope, header.tag)
        if scope.depth or self.originals is None:
            yield from self._edited(scope, header)
        elif header.tag == ORIGINAL_ATTRIBUTES:
            yield from self._keep_present(scope, header)
        else:
            yield from self._recorded(scope, header, self.originals)

    def _keep_present(self, scope: Scope, header: Header) -> Reading[None]:
        if self.reserved.present is not None or self.reserved.is_filled:
            raise Malformed("(0400,0561) occurs twice, or after an element with a higher tag")
        self.output.hold(Held(MOST_HELD, TOO_LARGE))
        yield from self.value(header, scope.encoding, 0)
        self.reserved.present = header, bytes(self.output.release())

    def _recorded(self, scope: Scope, header: Header, originals: Originals) -> Reading[None]:
        """Edit an element of the top level, and keep its former value if the edit changes it."""
        if not (scope.removes(header) or header.tag in scope.edits.values or scope.edits.leads_into(header.tag)):
            yield from self._edited(scope, header)
            return
        changes = self.changes
        kept = self.source.keep(MOST_HELD, TOO_LARGE)
        kept += header.raw
        yield from self._edited(scope, header)
        self.source.keep_no_more()
        if self.changes > changes:
            if self.reserved.is_filled:
                raise Malformed(UNSORTED)
            originals.add(header.tag, bytes(kept))

    def _edited(self, scope: Scope, header: Header) -> Reading[None]:
        if scope.removes(header):
            self.changes += 1
            yield from self.skip(header, scope.encoding, scope.depth)
        elif header.tag in scope.edits.values:
            yield from self._replaced(scope, header)
        elif header.tag & 0xFFFF == 0 and header.length == 4 and self.concerns(scope, header.group):
            yield from self.group_length(scope, header)
        elif (yield from self._has_edited_items(scope, header)):
            yield from self._sequence(scope, header)
        elif header.length <= MOST_NOTED and _is_noted(header.tag):
            yield from self._noted(scope, header)
        else:
            self.output.write(header.raw)
            yield from self.value(header, scope.encoding, scope.depth)

    def _replaced(self, scope: Scope, header: Header) -> Reading[None]:
        if not scope.pending or scope.pending[-1] != header.tag:
            raise Malformed(UNSORTED)
        scope.pending.pop()
        new = scope.edits.values[header.tag]
        value = new.encode(scope.encoding.order, scope.charsets)
        if header.length != len(value) or header.vr not in {b"", new.vr}:
            yield from self.skip(header, scope.encoding, scope.depth)
        elif (yield from self.source.take(header.length)) == value:
            self.output.write(header.raw + value)
            return
        self.write(scope, header.tag)

    def _noted(self, scope: Scope, header: Header) -> Reading[None]:
        value = yield from self.source.take(header.length)
        self.output.write(header.raw + value)
        if header.tag == CHARACTER_SET:
            scope.charsets = tuple(name.strip("\0 ") for name in value.decode("ascii", "replace").split("\\"))
        elif header.group in scope.edits.groups and header.group & 1:  # creators of other groups are not needed
            scope.creators[header.tag] = value.decode("latin-1").strip("\0 ")
            if scope.depth == 0 and self.originals is not None:
                self.originals.note_creator(header.tag, header.raw + value)
        if scope.depth == 0 and self.originals is not None:
            self.originals.note(header.tag, value)

    def _has_edited_items(self, scope: Scope, header: Header) -> Reading[bool]:
        if scope.edits.keep_private and not scope.edits.leads_into(header.tag):
            return False
        vr = header.vr or vr_of(header.tag)
        if header.is_undefined:
            return not has_fragments(header) and header.vr in {b"", b"SQ", b"UN"}
        if header.vr == b"SQ" or header.length < 8 or vr not in {b"", b"SQ", b"UN"}:
            return header.vr == b"SQ"
        # Without an explicit value representation, an element that begins like a sequence is read as one.
        return (yield from self.source.peek(4)) == b"\xfe\xff\x00\xe0"

    def _sequence(self, scope: Scope, header: Header) -> Reading[None]:
        if scope.depth == MAX_DEPTH:
            raise Malformed(TOO_DEEP)
        if header.is_undefined:
            self.output.write(header.raw)
            yield from self._edited_items(scope, header, None)
            return
        end = self.source.position + header.length
        if header.length <= MOST_HELD:
            self.output.hold(Held(MOST_GROWN, GROWN))
            yield from self._edited_items(scope, header, end)
            items = self.output.release()
            self.output.write(scope.encoding.resized(header, len(items)).raw + items)
        else:
            self.output.write(scope.encoding.resized(header, UNDEFINED).raw)
            yield from self._edited_items(scope, header, end)
            self.output.write(inner(header, scope.encoding).mark(SEQUENCE_END))

    def _edited_items(self, scope: Scope, header: Header, end: int | None) -> Reading[None]:
        encoding, index = inner(header, scope.encoding), 0
        while end is None or self.source.position < end:
            mark = yield from self.source.header(encoding)
            if mark.tag == SEQUENCE_END and end is None:
                self.output.write(mark.raw)
                return
            if mark.tag != ITEM:
                raise Malformed(NO_ITEM)
            if end is not None and self.source.position + (0 if mark.is_undefined else mark.length) > end:
                raise Malformed(MISFIT)
            edits = scope.edits.of_item(header.tag, index)
            yield from self._one_item(Scope(edits, encoding, scope.depth + 1, scope.charsets), mark)
            index += 1
        if end is not None and self.source.position > end:
            raise Malformed(MISFIT)

    def _one_item(self, scope: Scope, mark: Header) -> Reading[None]:
        if mark.is_undefined:
            self.output.write(mark.raw)
            yield from self._edited_item(scope, None)
            return
        end = self.source.position + mark.length
        if mark.length <= MOST_HELD:
            self.output.hold(Held(MOST_GROWN, GROWN))
            yield from self._edited_item(scope, end)
            elements = self.output.release()
            self.output.write(scope.encoding.resized(mark, len(elements)).raw + elements)
        else:
            self.output.write(scope.encoding.resized(mark, UNDEFINED).raw)
            yield from self._edited_item(scope, end)
            self.output.write(scope.encoding.mark(ITEM_END))


def _is_noted(tag: int) -> bool:
    return tag == CHARACTER_SET or tag in NOTED or (tag >> 16 & 1 == 1 and 0x10 <= tag & 0xFFFF <= 0xFF)
