"""The changes in the form that the editor needs: a tree of edits that mirrors the nesting of the data sets."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

Encode = Callable[[str, Sequence[str]], bytes]
"""Encodes a value, given the byte order and the names of the character sets; raises Malformed if it cannot."""
PrivateTag = tuple[int, str, int]
"""Group, creator, and the element within the creator's block."""


@dataclass(frozen=True, slots=True)
class NewValue:
    """The new value of an element."""

    path: str
    vr: bytes
    encode: Encode


@dataclass(slots=True)
class Edits:
    """The changes to one data set, and to the items of its sequences."""

    values: dict[int, NewValue] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    removed_private: set[PrivateTag] = field(default_factory=set)
    below: "dict[int, dict[int | None, Edits]]" = field(default_factory=dict)
    """Edits of items, by the tag of the sequence and the number of the item; None means every item."""
    keep_private: bool = True
    merged: "dict[tuple[int, int | None], Edits]" = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing can change."""
        return self.keep_private and not (self.values or self.removed or self.removed_private or self.below)

    @property
    def last(self) -> int:
        """The last tag that may change; the elements after it need not be read."""
        if not self.keep_private:
            return 0xFFFFFFFF
        privates = (group << 16 | 0xFFFF for group, _, _ in self.removed_private)
        return max((*self.values, *self.removed, *self.below, *privates), default=-1)

    @property
    def groups(self) -> frozenset[int]:
        """The groups in which something may change, if private elements are kept."""
        tags = (*self.values, *self.removed, *self.below)
        return frozenset((*(tag >> 16 for tag in tags), *(group for group, _, _ in self.removed_private)))

    def leads_into(self, tag: int) -> bool:
        """Whether items of the sequence *tag* have edits of their own."""
        return tag in self.below

    def of_item(self, tag: int, index: int) -> "Edits":
        """Return the edits of an item of the sequence *tag*."""
        if tag not in self.below:
            return _NO_EDITS if self.keep_private else _NO_PRIVATE
        choices = self.below[tag]
        key = (tag, index if index in choices else None)
        if key not in self.merged:
            self.merged[key] = _merged([choices[each] for each in (None, key[1]) if each in choices], self.keep_private)
        return self.merged[key]

    def all(self) -> "Iterator[Edits]":
        """Yield these edits and those of all items."""
        yield self
        for choices in self.below.values():
            for each in choices.values():
                yield from each.all()


_NO_EDITS, _NO_PRIVATE = Edits(), Edits(keep_private=False)


def _merged(several: Sequence[Edits], keep_private: bool) -> Edits:
    """Return the union of *several*; of two values for the same element the later one counts."""
    result = Edits(keep_private=keep_private)
    for edits in several:
        result.values |= edits.values
        result.removed |= edits.removed
        result.removed_private |= edits.removed_private
        for tag, choices in edits.below.items():
            mine = result.below.setdefault(tag, {})
            for index, each in choices.items():
                mine[index] = _merged([mine[index], each], keep_private) if index in mine else each
    result.values = {tag: value for tag, value in result.values.items() if tag not in result.removed}
    return result
