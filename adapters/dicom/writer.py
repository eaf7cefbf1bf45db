"""Writes the elements of an edited data set, in the order of their tags (PS3.5 7.1).

A new element is written at the position of its tag. A group with a group length is held back until its new length is
known; the elements after Original Attributes Sequence are held back until every former value is known.
"""

from adapters.dicom.encoding import UNDEFINED, Header, Malformed
from adapters.dicom.originals import ORIGINAL_ATTRIBUTES, TOO_FAR, Originals
from adapters.dicom.output import MOST_HELD, Held, HeldGroup
from adapters.dicom.scope import Reserved, Scope
from adapters.dicom.source import Reading
from adapters.dicom.walker import Walker


class Writer(Walker):
    """The writing half of an editor; *last* is the last tag that may change."""

    def __init__(self, last: int, originals: Originals | None) -> None:
        super().__init__()
        self.changes = 0
        """The number of elements that were changed, added or removed."""
        self.originals = originals
        """The collector of former values; None if they are not kept."""
        self.reserved = Reserved(max(last, ORIGINAL_ATTRIBUTES))

    def finish(self, scope: Scope) -> None:
        """Write the elements that are still to be set, and those that were held back."""
        self.before(scope, UNDEFINED)
        if scope.depth == 0 and self.originals is not None:
            self._fill(self.originals, scope)

    def before(self, scope: Scope, tag: int) -> None:
        """Write the elements to be set whose tags are lower than *tag*, and prepare for an element with *tag*."""
        while scope.pending and scope.pending[-1] < tag:
            new = scope.pending.pop()
            self._enter(scope, new)
            self.write(scope, new)
        self._enter(scope, tag)

    def _enter(self, scope: Scope, tag: int) -> None:
        if scope.depth == 0 and self.originals is not None:
            self._reserve(self.originals, scope, tag)
        if scope.group is not None and scope.group.number != tag >> 16:
            self._leave(scope)

    def write(self, scope: Scope, tag: int) -> None:
        """Write the element *tag* with its new value."""
        new = scope.edits.values[tag]
        self.output.write(scope.encoding.element(tag, new.vr, new.encode(scope.encoding.order, scope.charsets)))
        self.changes += 1

    def _reserve(self, originals: Originals, scope: Scope, tag: int) -> None:
        """Hold back the elements after (0400,0561) as long as an edit may follow."""
        reserved = self.reserved
        if not reserved.is_open and not reserved.is_filled and tag >= ORIGINAL_ATTRIBUTES:
            reserved.is_open = True
            if scope.group is not None and scope.group.number == 0x0400 and not scope.group.is_given_up:
                self.output.release()
                reserved.before, scope.group = scope.group, None
            else:
                self._leave(scope)
            self.output.hold(Held(MOST_HELD, TOO_FAR))
        if reserved.is_open and tag > reserved.last:
            self._fill(originals, scope)

    def _leave(self, scope: Scope) -> None:
        group, scope.group = scope.group, None
        if group is not None and not group.is_given_up:
            self.output.release()
            self.output.write(group.closed(scope.encoding, self.changes))

    def _fill(self, originals: Originals, scope: Scope) -> None:
        reserved = self.reserved
        self._leave(scope)
        if reserved.is_filled:
            return
        reserved.is_filled = True
        behind = self.output.release() if reserved.is_open else bytearray()
        reserved.is_open = False
        before, present = reserved.before, reserved.present
        if before is not None:
            is_same = originals.is_empty and self.changes == before.changes
            self.output.write((before.length_element if is_same else b"") + before.octets)
        if not originals.is_empty:
            self.output.write(originals.sequence(present))
        elif present is not None:
            self.output.write(present[0].raw + present[1])
        self.output.write(behind)

    def group_length(self, scope: Scope, header: Header) -> Reading[None]:
        """Read a group length, and hold back the group after it."""
        value = yield from self.source.take(4)
        if scope.group is not None:
            raise Malformed("a group length occurs twice")
        if self.output.held > MOST_HELD:
            return  # too much is held back already: this group loses its group length (PS3.5 7.2)
        scope.group = HeldGroup(number=header.group, length_element=header.raw + value, changes=self.changes)
        self.output.hold(scope.group)

    def concerns(self, scope: Scope, group: int) -> bool:
        """Whether an element of *group* may change."""
        if not scope.edits.keep_private or group in scope.edits.groups:
            return True
        return self.originals is not None and scope.depth == 0 and group == ORIGINAL_ATTRIBUTES >> 16
