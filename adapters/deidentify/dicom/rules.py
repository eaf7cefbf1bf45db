"""Which action each element gets: by PS3.15 table E.1-1, then by its value representation; the rest is removed."""

from collections.abc import Collection, Mapping
from enum import Enum
from functools import cache
from pathlib import Path

from adapters.deidentify.dicom.srgb import ICC_PROFILE
from adapters.dicom.dictionary import tag_of, vr_of

TABLE = Path(__file__).parent / "table"
EDITION = "2025a"
"""Of PS3.15: the source of ``actions.tsv`` is of 2025-01-28."""


class Action(Enum):
    """What is done to one element (PS3.15 table E.1-1a), and what Hilum does besides."""

    __hash__ = object.__hash__  # that of Enum is a function of Python, and takes a tenth of the time of a header

    KEEP = "kept"
    REMOVE = "removed"
    EMPTY = "emptied"
    DUMMY = "replaced"
    UID = "hashed"
    SHIFT = "shifted"
    CLEAN = "cleaned"
    """Kept unless it contains one of the object's own identifiers."""
    ITEMS = "items"
    """The sequence stays, and each element of its items gets its own action."""


STAYS = frozenset({Action.KEEP, Action.CLEAN, Action.ITEMS, Action.SHIFT})
"""Actions by which something of the old value stays."""
MOST_KNOWN = 2_000
"""Places, and elements of one place, whose actions are remembered."""
MODIFIED, FULL = "retain_longitudinal_modified_dates", "retain_longitudinal_full_dates"
TEXTS = frozenset({b"LO", b"SH", b"ST", b"LT", b"UT", b"UC"})
TIMES = frozenset({b"DA", b"DT", b"TM"})
BULK = frozenset({b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"UN"})
NUMBERS = frozenset({b"AT", b"FL", b"FD", b"SL", b"SS", b"SV", b"UL", b"US", b"UV", b"DS", b"IS", b"CS"})
ALIKE = (TEXTS, NUMBERS, BULK - {b"UN"})
"""Representations that real objects take for one another."""
KEPT_BULK = frozenset(
    tag
    for keyword in [
        "RedPaletteColorLookupTableData",
        "GreenPaletteColorLookupTableData",
        "BluePaletteColorLookupTableData",
        "AlphaPaletteColorLookupTableData",
        "SegmentedRedPaletteColorLookupTableData",
        "SegmentedGreenPaletteColorLookupTableData",
        "SegmentedBluePaletteColorLookupTableData",
        "LUTData",
        "BlendingLookupTableData",
        "VertexPointIndexList",
        "EdgePointIndexList",
        "TrianglePointIndexList",
        "PrimitivePointIndexList",
        "PointCoordinatesData",
        "SurfaceNormals",
        "VectorCoordinateData",
        "DoublePointCoordinatesData",
        "LongPrimitivePointIndexList",
        "LongVertexPointIndexList",
        "LongEdgePointIndexList",
        "LongTrianglePointIndexList",
        "TrackPointIndexList",
        "FloatingPointValues",
        "WaveformData",
    ]
    if (tag := tag_of(keyword)) is not None
)
"""Numbers that are the content of the object."""
KEPT_UIDS = frozenset(
    tag
    for keyword in [
        "SOPClassUID",
        "ReferencedSOPClassUID",
        "CodingSchemeUID",
        "ContextUID",
        "MappingResourceUID",
        "ContextGroupExtensionCreatorUID",
        "OriginalSpecializedSOPClassUID",
        "RelatedGeneralSOPClassUID",
        "SOPClassesInStudy",
        "ReferencedRelatedGeneralSOPClassUIDInFile",
        "TransferSyntaxUID",
        "AvailableTransferSyntaxUID",
        "EncryptedContentTransferSyntaxUID",
        "PaletteColorLookupTableUID",
        "ColorPaletteUID",
        "MACCalculationTransferSyntaxUID",
    ]
    if (tag := tag_of(keyword)) is not None
)
"""UIDs that name a class, a code or a form, and no instance."""
PSEUDONYMS = {
    0x00100020: "patient",
    0x00100010: "patient",
    0x00080050: "accession",
    0x00402016: "order",
    0x00402017: "order",
}
"""Identifiers that get a pseudonym where the table empties them: the patient's, the accession's, the order's."""


class Rules:
    """The rules of the basic profile with *options*. ``retain_uids`` and its like are those of PS3.15 E.3."""

    def __init__(self, options: Collection[str], *, removes_unlisted_text: bool) -> None:
        self._options = options
        self._removes_unlisted_text = removes_unlisted_text
        self.retained = _retained(frozenset(options))
        """Attributes that an option keeps as they are: what they say may stand elsewhere too."""
        self._known: dict[tuple[str, tuple[int, ...]], dict[tuple[int, bytes], Action]] = {}
        """What was found before, by place."""

    def action(self, tag: int, vr: bytes, sop_class: str, path: tuple[int, ...]) -> Action:
        """Return the action for an element of a public group; *path* are the sequences that it is in."""
        known = self.known_at(sop_class, path)
        found = known.get((tag, vr))
        if found is None:
            if len(known) > MOST_KNOWN:
                known.clear()
            found = known[tag, vr] = self._find(tag, vr, sop_class, path)
        return found

    def known_at(self, sop_class: str, path: tuple[int, ...]) -> dict[tuple[int, bytes], Action]:
        """Return the actions that were found before for elements of one place: to look there first is fast."""
        known = self._known.get((sop_class, path))
        if known is None:
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            known = self._known[sop_class, path] = {}
        return known

    def _find(self, tag: int, vr: bytes, sop_class: str, path: tuple[int, ...]) -> Action:
        if tag & 0xFFFF == 0 or tag >> 24 in {0x50, 0x60}:
            return Action.REMOVE  # group lengths; curves and overlays as a whole
        row = actions().get(tag)
        if row is None:
            return self._unlisted(tag, vr)
        action = self._listed(tag, vr, row, types_of(sop_class, path, tag))
        return Action.REMOVE if action in STAYS and not _is_known(tag, vr) else action

    def _listed(self, tag: int, vr: bytes, row: tuple[str, Mapping[str, str]], kind: str | None) -> Action:
        basic, options = row
        chosen = {options[name] for name in self._options if name in options}
        if "K" in chosen:
            return Action.ITEMS if vr == b"SQ" else Action.KEEP
        if "C" in chosen and vr not in BULK:  # octets cannot be cleaned: a timestamp in them is removed
            if vr == b"SQ":
                return Action.ITEMS
            if MODIFIED in self._options and options.get(MODIFIED) == "C" and vr in TIMES:
                return Action.SHIFT
            return Action.CLEAN
        if tag in PSEUDONYMS:
            return Action.DUMMY
        return _basic(basic, vr, kind)

    def _unlisted(self, tag: int, vr: bytes) -> Action:  # noqa: PLR0911  one row for each sort of representation
        if not _is_known(tag, vr):
            return Action.REMOVE
        if tag == ICC_PROFILE:
            return Action.DUMMY
        if vr == b"SQ":
            return Action.ITEMS
        if vr in NUMBERS:
            return Action.KEEP
        if vr == b"UI":
            return Action.KEEP if tag in KEPT_UIDS or "retain_uids" in self._options else Action.UID
        if vr in TEXTS:
            return Action.REMOVE if self._removes_unlisted_text else Action.CLEAN
        if vr in TIMES:
            if FULL in self._options:
                return Action.KEEP
            return Action.SHIFT if MODIFIED in self._options else Action.REMOVE
        if vr in BULK:
            return Action.KEEP if tag in KEPT_BULK else Action.REMOVE
        return Action.REMOVE  # PN, UR, AE, AS, and what is not known


def _is_known(tag: int, vr: bytes) -> bool:
    """Whether PS3.6 has the attribute, with a representation of this sort: what it means is not known otherwise."""
    known = vr_of(tag)
    if vr in known.split(b" or "):
        return True
    return any({vr, known} <= sort for sort in ALIKE) or (b" or " in known and vr in NUMBERS | BULK - {b"UN"})


def _basic(letters: str, vr: bytes, kind: str | None) -> Action:
    """Return the action for the letters of the basic profile; *kind* is the type of the attribute, if it is known."""
    if letters == "X/Z/U*":
        return Action.ITEMS
    choices = letters.split("/")
    if len(choices) > 1:
        # Type 1 must have a value, type 2 must be there, type 3 need not be (PS3.5 7.4).
        wanted = {"1": ("D", "Z", "X"), "2": ("Z", "D", "X"), "3": ("X", "Z", "D")}[kind or "3"]
        choices = [next(each for each in wanted if each in choices)]
    action = {"X": Action.REMOVE, "Z": Action.EMPTY, "D": Action.DUMMY, "U": Action.UID, "K": Action.KEEP}[choices[0]]
    return Action.REMOVE if action is Action.UID and vr == b"SQ" else action


@cache
def _retained(options: frozenset[str]) -> frozenset[int]:
    return frozenset(tag for tag, (_, letters) in actions().items() if "K" in {letters.get(each) for each in options})


@cache
def actions() -> Mapping[int, tuple[str, Mapping[str, str]]]:
    """Return by tag the letters of the basic profile, and the letter of each option."""
    found: dict[int, tuple[str, Mapping[str, str]]] = {}
    for line in (TABLE / "actions.tsv").read_text().splitlines()[1:]:
        tag, basic, options, _ = line.split("\t")
        if "X" not in tag:
            found[int(tag, 16)] = basic, dict(each.split("=", 1) for each in options.split())
    return found


@cache
def types() -> Mapping[str, Mapping[str, str]]:
    """Return by SOP class and path the types of attributes whose action depends on them."""
    found: dict[str, Mapping[str, str]] = {}
    for line in (TABLE / "types.tsv").read_text().splitlines()[1:]:
        classes, kinds = line.split("\t")
        of_path = dict(each.split("=", 1) for each in kinds.split())
        found.update(dict.fromkeys(classes.split(), of_path))
    return found


def types_of(sop_class: str, path: tuple[int, ...], tag: int) -> str | None:
    """Return the type of an attribute at its path in the IOD, or None if it is not known."""
    known = types().get(sop_class)
    return None if known is None else known.get(".".join(f"{part:08X}" for part in (*path, tag)))
