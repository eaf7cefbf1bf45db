"""Scores delivered objects by the ten actions of the MIDI-B challenge (arXiv:2507.23608), by rules of our own.

Stricter than that challenge: a date must be moved by the days of its patient, whole weeks back; a UID must be valid and
never two of one; text is looked for in the whole file and not only where it was; what is held back is counted apart.
"""

import re
import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO

from pydicom import dcmread
from pydicom._uid_dict import UID_dictionary
from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from tests.adapters.deidentify.judge.cases import FILLED, PRESENT, SHORTEST_UID, Case
from tests.adapters.deidentify.judge.scanner import Answers, Scanner, spellings

ACTIONS = ("tag_retained", "text_notnull", "text_retained", "text_removed", "date_shifted", "uid_changed",
           "uid_consistent", "patid_consistent", "pixels_retained", "pixels_hidden")  # fmt: skip
CERTAIN = ("text_removed", "date_shifted", "uid_changed", "uid_consistent", "patid_consistent", "pixels_hidden")
"""Actions of which no single one may fail: removals, UIDs, dates and identifiers."""
OF_CODES = ("ContextUID", "CodingSchemeUID")
"""UIDs of codes: they stay, unless they name the patient, and then they are gone."""
OF_THE_STANDARD = "1.2.840.10008."
"""The root of DICOM's own UIDs, of which pydicom's dictionary lacks the newest (PS3.5 9)."""
DUMMY = "19000101"
"""A date that says nothing."""
VALID_UID = re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+")
Place = tuple[tuple[int, int], ...]


class Scorer:
    """Counts what is right and what is wrong over many objects."""

    def __init__(self) -> None:
        self.right: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.failures: list[tuple[int, str, str]] = []
        """Seed, action and place of each failure; no value."""
        self.delivered = self.parked = self.leaking = 0
        self.others_kept = self.others_planted = 0
        """Texts that stay and name somebody else, which no rule finds."""
        self._uids: dict[str, str] = {}
        self._origin: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        self._days: dict[str, int] = {}
        self._scanners: dict[str, Scanner] = {}

    @property
    def share(self) -> float:
        """The share of actions that are right."""
        return self.right.total() / max(self.right.total() + self.wrong.total(), 1)

    def judge(self, case: Case, out: bytes | None) -> None:
        """Take an object and what became of it; None is one that is held back."""
        if out is None:
            self.parked += 1
            return
        self.delivered += 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            after = dcmread(BytesIO(out))
            results = list(self._results(case, out, after))
        for action, where, is_right in results:
            (self.right if is_right else self.wrong)[action] += 1
            if not is_right:
                self.failures.append((case.seed, action, where))
        scanner = self._scanners.setdefault(case.who.number, Scanner(case.who.answers()))
        if found := scanner.leaks(out) - _moved(case, self._days.get(case.who.number, 0)):
            self.leaking += 1
            self.failures.append((case.seed, "any octet", str(sorted(found))))
        if case.kept_name:
            self.others_planted += 1
            self.others_kept += case.kept_name in out

    def _results(self, case: Case, out: bytes, after: Dataset) -> Iterator[tuple[str, str, bool]]:
        before = case.before
        yield from _kept(case, after)
        for where, octets in case.removed:
            yield "text_removed", where, octets not in out
        new = dict(_values(after, ("DA", "DT", "UI")))
        for place, (vr, old) in _values(before, ("DA", "DT", "UI")):
            if place in new and new[place][1] and old:
                yield from self._changed(case, place, vr, old, new[place][1])
        number = str(after.get("PatientID", ""))
        yield "patid_consistent", "PatientID", number == self._numbers.setdefault(case.who.number, number) != ""
        yield "patid_consistent", "PatientID", len(set(self._numbers.values())) == len(self._numbers)
        if "PixelData" in before:
            yield "pixels_retained", "PixelData", _pixels(before) == _pixels(after)
        if case.is_flagged:
            yield "pixels_hidden", "PixelData", False

    def _changed(self, case: Case, place: Place, vr: str, old: str, new: str) -> Iterator[tuple[str, str, bool]]:
        where = ".".join(f"{tag:08X}" for tag, _ in place)
        if vr == "UI":
            is_standard = old in UID_dictionary or old.startswith(OF_THE_STANDARD)
            if not is_standard and len(old) > SHORTEST_UID and _known_name(place) not in OF_CODES:
                yield "uid_changed", where, old not in new and len(new) <= 64 and VALID_UID.fullmatch(new) is not None
                is_one = self._uids.setdefault(old, new) == new and self._origin.setdefault(new, old) == old
                yield "uid_consistent", where, is_one
            return
        days = _days_between(old, new)
        if new.startswith(DUMMY) and len(place) > 1:  # of a sequence whose action is D
            yield "date_shifted", where, True
            return
        if days is None:  # what was no date must not be one that says more than before
            yield "date_shifted", where, old not in new
            return
        wanted = self._days.setdefault(case.who.number, days)
        yield "date_shifted", where, days == wanted and days < 0 and days % 7 == 0


def _kept(case: Case, after: Dataset) -> Iterator[tuple[str, str, bool]]:
    """Yield what must be there, must have a value, and must be the same."""
    for keyword in PRESENT:
        if keyword in case.before:
            yield "tag_retained", keyword, keyword in after
    for keyword in FILLED:
        if keyword in case.before and case.before[keyword].value:
            yield "text_notnull", keyword, keyword in after and bool(after[keyword].value)
    for keyword, text in case.same.items():
        yield "text_retained", keyword, keyword in after and str(after[keyword].value) == text


def _moved(case: Case, days: int) -> set[str]:
    """Return the spellings of what the days of the object are afterwards: one may be another day of it before."""
    before = {old for _, (vr, old) in _values(case.before, ("DA", "DT")) if vr and old}
    moved = {_day(each) + timedelta(days) for each in before if _days_between(each, each) is not None}
    return set(spellings(Answers(dates=moved)))


def _values(data_set: Dataset, kinds: tuple[str, ...], above: Place = ()) -> Iterator[tuple[Place, tuple[str, str]]]:
    """Yield place, representation and text of each value of these representations, at every depth."""
    for tag in sorted(data_set.keys()):  # an iterator of pydicom fails at tables without a descriptor
        if tag.is_private or (data_set.get_item(tag).VR or _known(tag)) not in {*kinds, "SQ"}:
            continue
        each = data_set[tag]
        if each.VR == "SQ":
            for number, item in enumerate(each.value or ()):
                yield from _values(item, kinds, (*above, (each.tag, number)))
        elif each.VR in kinds:
            values = each.value if each.VM > 1 else [each.value]
            for number, value in enumerate(values):
                yield (*above, (each.tag, number)), (each.VR, str(value or "").strip("\0 "))


def _known_name(place: Place) -> str:
    return keyword_for_tag(place[-1][0])


def _known(tag: BaseTag) -> str:
    return dictionary_VR(tag) if dictionary_has_tag(tag) else ""


def _days_between(old: str, new: str) -> int | None:
    try:
        return (_day(new) - _day(old)).days
    except ValueError:
        return None


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def _pixels(data_set: Dataset) -> bytes:
    """Return the pixels: decoded if they are compressed, since comments of codestreams are to go.

    What no plug-in decodes, such as JPEG with 12 bits or a damaged frame, must not be decodable afterwards either.
    """
    if data_set.file_meta.TransferSyntaxUID.is_compressed:
        try:
            return bytes(data_set.pixel_array.tobytes())
        except (RuntimeError, NotImplementedError):
            return b"not decodable"
    octets = bytes(data_set.PixelData)
    if not data_set.file_meta.TransferSyntaxUID.is_little_endian:
        # Words of OW are swapped, pixels of OB are not (PS3.5 A.3).
        width = max(2 if data_set["PixelData"].VR == "OW" else 1, data_set.BitsAllocated // 8)
        octets = b"".join(octets[at : at + width][::-1] for at in range(0, len(octets), width))
    frames = int(data_set.get("NumberOfFrames") or 1)
    bits = data_set.Rows * data_set.Columns * data_set.SamplesPerPixel * frames * data_set.BitsAllocated
    return _of_the_image(octets[: (bits + 7) // 8], data_set)


def _of_the_image(octets: bytes, data_set: Dataset) -> bytes:
    """Return the pixels without the bits above and below them, in which old overlays lie."""
    allocated, stored = data_set.BitsAllocated, data_set.BitsStored
    if allocated not in {8, 16, 32} or stored >= allocated:
        return octets
    mask = ((1 << stored) - 1 << data_set.HighBit + 1 - stored).to_bytes(allocated // 8, "little")
    masks = mask * (len(octets) // len(mask))
    number = int.from_bytes(octets, "little") & int.from_bytes(masks, "little")
    return number.to_bytes(len(octets), "little")
