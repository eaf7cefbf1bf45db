"""De-identifies the header of one object: each element by its rule, then the search for its own identifiers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.deidentify.dicom.binary import BinaryNumbers
from adapters.deidentify.dicom.dummies import put_dummy
from adapters.deidentify.dicom.forms import WITHOUT as OF_ANY_FORM
from adapters.deidentify.dicom.forms import has_form
from adapters.deidentify.dicom.identity import (
    INSTANCE,
    SOP_CLASS,
    STUDY,
    charsets,
    is_standard,
    own_identifiers,
    patient_of,
    text_of,
)
from adapters.deidentify.dicom.private import Private
from adapters.deidentify.dicom.rules import BULK, KEPT_UIDS, PSEUDONYMS, TEXTS, Action, Rules
from adapters.deidentify.dicom.statement import add_statement
from adapters.deidentify.dicom.terms import TERMS
from adapters.deidentify.dicom.tree import Element, Item
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.own.search import OwnIdentifiers
from adapters.deidentify.pseudonyms.dates import clock_of, moved
from adapters.deidentify.pseudonyms.domains import Domains, Patient
from adapters.deidentify.pseudonyms.service import STANDARD, Pseudonyms
from adapters.deidentify.settings import DicomProfile
from adapters.dicom.charset import decode

SEARCHED = frozenset((b"LO", b"SH", b"ST", b"LT", b"UT", b"UC", b"CS", b"AE", b"PN", b"UR", b"DS", b"IS", b"TM"))
"""Value representations that can hold text."""
NUMERIC = BULK | {b"US", b"SS", b"UL", b"SL", b"FL", b"FD", b"SV", b"UV", b"AT"}
WALKED = frozenset((Action.KEEP, Action.CLEAN, Action.ITEMS))
"""Actions by which a sequence stays, and each element of its items gets its own action."""
ESCAPE = b"\x1b"
"""Begins a change of the character set in a text that is ASCII otherwise (PS3.5 6.1.2.5.1)."""
OTHERS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be")
SHORTEST_TEXT = 4
"""Octets of numbers in which no text is searched for, if they are fewer."""
_Known = dict[tuple[int, bytes], Action]


@dataclass(slots=True)
class _Object:
    """What is known of one object while it is transformed."""

    sop_class: str
    own: OwnIdentifiers
    patient: Patient | None
    days: int
    manifest: Manifest
    kept: list[tuple[Item, Element, str]]
    """Elements that are kept and hold text: the item, the element, its text."""
    numbers: list[tuple[Item, Element]]
    """Elements that are kept and hold numbers."""
    uids: list[tuple[Item, Element]]
    """Likewise those whose UIDs stay as they are."""
    done: Counter[Action]
    """How often each action was done."""


class DicomTransformer:
    """De-identifies headers by one profile. The same object always gives the same result."""

    def __init__(self, profile: DicomProfile, pseudonyms: Pseudonyms, domains: Domains) -> None:
        self.profile, self._pseudonyms, self._domains = profile, pseudonyms, domains
        self._rules = Rules(profile.options, removes_unlisted_text=profile.unlisted_text == "remove")
        self._private = Private() if "retain_safe_private" in profile.options else None

    def transform(self, elements: Item, manifest: Manifest) -> tuple[str, OwnIdentifiers]:
        """Change *elements* in place; return the new SOP Instance UID and what was searched for.

        Raises HeldBackError.
        """
        patient = patient_of(elements, self._domains)
        study = text_of(elements, STUDY)
        days = self._pseudonyms.shift(patient) if patient else self._pseudonyms.shift_of_study(study)
        sop_class = text_of(elements, SOP_CLASS)
        own = own_identifiers(elements, self._rules.retained)
        found = _Object(sop_class, own, patient, days, manifest, [], [], [], Counter())
        self._item(elements, found, (), charsets(elements), self._rules.known_at(sop_class, ()))
        for action, count in found.done.items():
            manifest.done["PS3.15", action.value] += count
        _remove_own(found)
        add_statement(elements, self.profile, manifest)
        instance = text_of(elements, INSTANCE)
        if not instance:
            raise HeldBackError("it has no SOP Instance UID")
        return instance, found.own

    def _item(self, elements: Item, found: _Object, path: tuple[int, ...], names: Sequence[str], known: _Known) -> None:
        """Do its action to each element; *known* are the actions at this place that are known already."""
        names = charsets(elements) or names
        private, done = self._private, found.done
        creators = private.creators(elements) if private is not None else {}
        kept: Item = []
        for each in elements:
            tag, vr = each.tag, each.vr
            if tag & 0x10000:
                is_kept = private is not None and private.is_safe(each, creators, path)
                action = Action.KEEP if is_kept else Action.REMOVE
                vr = each.vr
            else:
                action = known.get((tag, vr)) or self._rules.action(tag, vr, found.sop_class, path)
            if action is Action.REMOVE:
                done[action] += 1
            elif each.items is None and (action is Action.KEEP or action is Action.CLEAN):
                if vr in OF_ANY_FORM or has_form(vr, each.value):
                    done[action] += 1
                    kept.append(each)
                else:
                    found.manifest.note("VR", "removed")
            elif self._done(each, action, found, path, names):
                kept.append(each)
        elements[:] = kept if private is None else private.without_idle_creators(kept)
        _note_kept(elements, found, names)

    def _done(
        self, element: Element, action: Action, found: _Object, path: tuple[int, ...], names: Sequence[str]
    ) -> bool:
        """Do *action* to one that is not kept as it is; return whether the element stays."""
        if element.items is not None and action in WALKED:
            inside = (*path, element.tag)
            known = self._rules.known_at(found.sop_class, inside)
            for item in element.items:
                self._item(item, found, inside, names, known)
            return True
        if _is_out_of_place(element, action):
            action = Action.REMOVE
        found.done[action] += 1
        if action is Action.REMOVE:
            return False
        if action is Action.EMPTY:
            element.value, element.items = b"", None if element.items is None else []
        elif action is Action.UID:
            self._hash(element)
        elif action is Action.SHIFT:
            return self._shift(element, found)
        elif action is Action.DUMMY:
            self._replace(element, found, names)
        return True

    def _hash(self, element: Element) -> None:
        uids = element.value.decode("ascii", "replace").strip("\0 ").split("\\")
        element.value = "\\".join(self._uid(each) if each else "" for each in uids).encode()

    def _uid(self, uid: str) -> str:
        """Return the new UID: one with the root of the standard stays only if the standard lists it."""
        return uid if is_standard(uid) else self._pseudonyms.uid(uid if not uid.startswith(STANDARD) else f"?{uid}")

    def _shift(self, element: Element, found: _Object) -> bool:
        """Move the dates of an element; times of day stay. Return False for what is no date: it is removed."""
        if element.vr == b"TM":
            return has_form(b"TM", element.value)
        days = [
            moved(each.strip("\0 "), found.days) if each.strip("\0 ") else ""
            for each in element.value.decode("ascii", "replace").split("\\")
        ]
        if None in days:
            return False
        element.value = "\\".join(each or "" for each in days).encode()
        return True

    def _replace(self, element: Element, found: _Object, names: Sequence[str]) -> None:
        """Put a pseudonym or a dummy in the place of a value; a UID is hashed."""
        if element.vr == b"UI":
            self._hash(element)
            return
        purpose = PSEUDONYMS.get(element.tag)
        value = decode(element.value, names).strip("\0 ")
        if purpose is None:
            put_dummy(element)
        elif purpose == "patient":
            element.value = b"" if found.patient is None else self._pseudonyms.patient(found.patient).encode()
        else:
            element.value = self._pseudonyms.identifier(purpose, value).encode() if value else b""


def _note_kept(elements: Item, found: _Object, names: Sequence[str]) -> None:
    """Note those of the elements that are kept for the search that each needs."""
    for each in elements:
        vr, value = each.vr, each.value
        if not value or each.items is not None:
            continue
        if vr in SEARCHED:
            tag = each.tag
            if tag in PSEUDONYMS or (tag in TERMS and value in TERMS[tag]):
                continue
            if value.isascii() and ESCAPE not in value:
                found.kept.append((elements, each, value.decode("ascii")))
            else:
                found.kept += [(elements, each, text) for text in _texts(value, names)]
        elif vr == b"UI":
            if each.tag in KEPT_UIDS:
                found.uids.append((elements, each))
        elif vr == b"DT":
            clocks = map(clock_of, value.decode("ascii", "replace").split("\\"))
            found.kept += [(elements, each, clock) for clock in clocks if clock]
        elif vr in NUMERIC and len(value) >= SHORTEST_TEXT:
            found.numbers.append((elements, each))


def _is_out_of_place(element: Element, action: Action) -> bool:
    """Whether an element is no sequence although it should be one, or has items where a value should be."""
    if element.items is None:
        return action is Action.ITEMS
    return action in {Action.UID, Action.SHIFT} or (action is Action.DUMMY and element.tag in PSEUDONYMS)


def _texts(value: bytes, names: Sequence[str]) -> Sequence[str]:
    """Return what a value says by its character set, and by those in which it may be instead."""
    text = decode(value, names)
    if value.isascii():
        return (text,)
    others = [value.decode(encoding, "replace") for encoding in OTHERS]
    return [text, *(each for each in others if each != text)]


def _remove_own(found: _Object) -> None:
    """Remove each element that is kept and contains one of the object's own identifiers; of a text, its value."""
    texts = list({text: None for _, _, text in found.kept})  # the items of many frames say the same
    hit = {texts[position] for position in found.own.found_in(texts)}
    elsewhere = found.own.in_other_charsets({element.value for _, element, _ in found.kept})
    removed = {
        id(element): (item, element)
        for item, element, text in found.kept
        if text in hit or (elsewhere and element.value in elsewhere)
    }
    numbers = [element.value for _, element in found.numbers]
    if numbers and found.own.is_in_octets(b"\xff\xff".join(numbers)):
        removed |= {
            id(element): (item, element) for item, element in found.numbers if found.own.is_in_octets(element.value)
        }
    binary = BinaryNumbers(found.own.numbers)
    removed |= {
        id(element): (item, element) for item, element in found.numbers if binary.is_in(element.vr, element.value)
    }
    for item, element in found.uids:
        uids = element.value.decode("ascii", "replace").strip("\0 ").split("\\")
        if any(not is_standard(each) and found.own.is_in_uid(each) for each in uids):
            removed[id(element)] = item, element
    for item, element in removed.values():
        if element.vr in TEXTS and element.tag >> 16 & 1 == 0:  # an attribute that must have a value still has one
            put_dummy(element)
            found.manifest.note("own identifier", "replaced")
        else:
            item.remove(element)
            found.manifest.note("own identifier", "removed")
        if element.tag in TERMS or element.tag == SOP_CLASS:
            raise HeldBackError("an element that says how it is read contains an identifier of its own")
