"""Which elements stay by ``DicomConfig``: by a list, or by a profile."""

from collections.abc import Callable, Iterable
from typing import Self

from adapters.deidentify.dicom.rules import BULK, KEPT_BULK, KEPT_UIDS, Action, Rules
from adapters.deidentify.google.config import DicomConfig
from adapters.deidentify.google.tags import FILE_META, IDS, OVERLAY_DATA, REQUIRED, is_private, named, tags_of
from adapters.deidentify.google.transformations import Transformations
from adapters.dicom.dictionary import vr_of

INSPECTED = frozenset({b"AE", b"LO", b"LT", b"PN", b"SH", b"ST", b"UC", b"UT", b"DA", b"DT", b"AS"})
"""The value representations of DEIDENTIFY_TAG_CONTENTS, by the discovery document."""
INFO_TYPES = {b"PN": "PERSON_NAME", b"DA": "DATE", b"DT": "DATE", b"AS": "AGE"}
"""What the value representation alone says of a value."""
ONE_OF = ("keepList", "removeList", "filterProfile")


class AllBut(frozenset[int]):
    """Every element but those in it."""

    def __contains__(self, tag: object) -> bool:
        """Whether *tag* is not one of those."""
        return not super().__contains__(tag)


class Retained(frozenset[int]):
    """The elements whose values stay as they are: what they say may stand elsewhere too."""

    stays: Callable[[int], bool]

    def __new__(cls, stays: Callable[[int], bool]) -> Self:
        """Make it of a function that says whether an element stays."""
        made = super().__new__(cls)
        made.stays = stays
        return made

    def __contains__(self, tag: object) -> bool:
        """Whether the value of an element stays."""
        return isinstance(tag, int) and self.stays(tag)


class ListRules(Rules):
    """Keeps what is in *kept*; UIDs of instances are regenerated unless *keeps_ids*.

    Whatever the list says, some elements go: private ones, overlays and curves, and octets of which nobody knows what
    they hold.
    """

    def __init__(self, kept: frozenset[int], *, keeps_ids: bool, inspected: Transformations | None = None) -> None:
        super().__init__((), removes_unlisted_text=False)
        self._kept, self._keeps_ids, self._inspected = kept, keeps_ids, inspected
        # What goes is searched for in all that stays.
        self.retained = Retained(self._stays)

    def _stays(self, tag: int) -> bool:
        vr = vr_of(tag)
        if tag not in self._kept or (vr == b"UI" and not self._keeps_ids):
            return False
        if self._inspected is None or vr not in INSPECTED:
            return True
        if vr in INFO_TYPES:
            return INFO_TYPES[vr] in self._inspected.excluded
        return not self._inspected.not_recognised

    def _find(self, tag: int, vr: bytes, sop_class: str, path: tuple[int, ...]) -> Action:  # noqa: ARG002
        if tag & 0xFFFF == 0 or tag >> 24 in {0x50, 0x60}:
            return Action.REMOVE
        if tag not in self._kept and tag not in REQUIRED:
            return Action.REMOVE
        if vr == b"SQ":
            return Action.ITEMS
        if vr in BULK:
            return Action.KEEP if tag in KEPT_BULK else Action.REMOVE
        if vr == b"UI" and tag not in KEPT_UIDS and not self._keeps_ids:
            return Action.UID
        return Action.DUMMY if self._inspected is not None and vr in INSPECTED else Action.KEEP


class BasicRules(Rules):
    """The basic profile, by a newer edition than Google's; with *keeps_ids* three UIDs stay."""

    def __init__(self, *, keeps_ids: bool) -> None:
        super().__init__((), removes_unlisted_text=False)
        self._keeps_ids = keeps_ids
        if keeps_ids:
            self.retained |= IDS

    def _find(self, tag: int, vr: bytes, sop_class: str, path: tuple[int, ...]) -> Action:
        if self._keeps_ids and tag in IDS and not path:
            return Action.KEEP
        return super()._find(tag, vr, sop_class, path)


def rules_of(config: DicomConfig | None, transformations: Transformations) -> ListRules | BasicRules:
    """Return the rules; without ``dicom`` those of the basic profile. Raises ValueError with path and mend."""
    if config is None:
        return BasicRules(keeps_ids=False)
    given = [config.keep_list is not None, config.remove_list is not None, config.filter_profile is not None]
    if sum(given) > 1:
        both = " and ".join(f"`{name}`" for name, is_given in zip(ONE_OF, given, strict=True) if is_given)
        raise ValueError(f"dicom: {both} contradict each other; keep one")
    keeps_ids = bool(config.skip_id_redaction)
    if config.keep_list is not None:
        return ListRules(_keep_list(config.keep_list.tags or ()), keeps_ids=keeps_ids)
    if config.remove_list is not None:
        return ListRules(AllBut(_remove_list(config.remove_list.tags or ())), keeps_ids=keeps_ids)
    if config.filter_profile == "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE":
        return BasicRules(keeps_ids=keeps_ids)
    if config.filter_profile == "MINIMAL_KEEP_LIST_PROFILE":
        return ListRules(REQUIRED, keeps_ids=keeps_ids)
    inspects = config.filter_profile == "DEIDENTIFY_TAG_CONTENTS"
    return ListRules(AllBut(), keeps_ids=keeps_ids, inspected=transformations if inspects else None)


def _keep_list(names: Iterable[str]) -> frozenset[int]:
    tags = tags_of(names, "dicom.keepList.tags")
    if any(map(is_private, tags)):
        raise ValueError(
            "dicom.keepList.tags: names a private element, and private elements are removed always; remove it from the"
            " list"
        )
    return tags | REQUIRED


def _remove_list(names: Iterable[str]) -> frozenset[int]:
    tags = tags_of(names, "dicom.removeList.tags")
    needed = {each for each in tags if each in REQUIRED or each >> 16 == FILE_META}
    if needed:
        raise ValueError(f"dicom.removeList.tags: an instance needs {named(needed)}; remove that from the list")
    return tags | {OVERLAY_DATA}
