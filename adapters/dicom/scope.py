"""The editor's state for the data set, and for each item, that it is reading."""

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
    """Tags to be set whose position has not been reached, the lowest last."""
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
    """The position of Original Attributes Sequence; the elements after it wait until every former value is known."""

    last: int
    """The last tag that may change."""
    before: HeldGroup | None = None
    """The beginning of group 0400, if it has a group length."""
    present: tuple[Header, bytes] | None = None
    is_open: bool = False
    is_filled: bool = False
