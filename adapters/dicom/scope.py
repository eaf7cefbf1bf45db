"""What the editor knows of the data set, and of each item, that it is in."""

from dataclasses import dataclass, field

from adapters.dicom.edits import Edits
from adapters.dicom.encoding import Encoding, Header
from adapters.dicom.output import HeldGroup


@dataclass(slots=True)
class Scope:
    """A data set, or an item, that is being read."""

    edits: Edits
    encoding: Encoding
    depth: int
    charsets: tuple[str, ...]
    pending: list[int] = field(init=False)
    """Tags that are set and have not been met, the lowest last."""
    creators: dict[int, str] = field(default_factory=dict)
    group: HeldGroup | None = None

    def __post_init__(self) -> None:
        self.pending = sorted(self.edits.values, reverse=True)

    def removes(self, header: Header) -> bool:
        """Whether the element is to be left out."""
        if header.group & 1:
            if not self.edits.keep_private:
                return True
            creator = self.creators.get(header.tag & 0xFFFF0000 | header.tag >> 8 & 0xFF, "")
            if (header.group, creator, header.tag & 0xFF) in self.edits.removed_private:
                return True
        return header.tag in self.edits.removed


@dataclass(slots=True)
class Reserved:
    """The place of Original Attributes Sequence, and what waits behind it until every former value is known."""

    last: int
    """The last tag that may change."""
    before: HeldGroup | None = None
    """The begin of group 0400, where it has a group length."""
    present: tuple[Header, bytes] | None = None
    is_open: bool = False
    is_filled: bool = False
