"""Reads a data set from octets into DICOM JSON, element by element (PS3.5 7.1), as the sandbox's store would tell it.

It reads what pydicom reads: an element in implicit representation within an explicit data set, items that are encoded
in another way than their data set, UN that the dictionary knows better.
"""

from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct

from adapters.dicom.dictionary import vr_of
from adapters.dicom.encoding import (
    ITEM,
    ITEM_END,
    LONG_VRS,
    SEQUENCE_END,
    SHORT_VRS,
    UNDEFINED,
    Encoding,
    Malformed,
)
from adapters.tables.dicom.ambiguous import is_ambiguous, resolved
from adapters.tables.dicom.data_set import PIXEL_DATA, DataSet
from adapters.tables.dicom.odd import decoder, element_by_pydicom, encodings_of, items_by_pydicom, private_vr
from adapters.tables.dicom.values import DroppedError, OddValueError, element_of

CHARACTER_SET, PIXEL_REPRESENTATION = 0x00080005, "00280103"
MOST_DEPTH = 64
HEADS = {"<": Struct("<HHHH"), ">": Struct(">HHHH")}
LONGS = {"<": Struct("<L"), ">": Struct(">L")}
NAMES = {each: each.decode() for each in SHORT_VRS | LONG_VRS}
DELIMITERS = {"<": b"\xfe\xff\xdd\xe0", ">": b"\xff\xfe\xe0\xdd"}
LATIN = ("iso8859",)


class ShortError(Exception):
    """The octets end before the element does; more of the file are needed."""


@dataclass(slots=True)
class Head:
    """Where an element begins and ends."""

    tag: int
    vr: str
    """Empty if the encoding does not tell."""
    length: int
    value: int
    """The place of the value."""


class Scope:
    """One data set that is being read: what the parser needs to know of it, and of those around it."""

    __slots__ = ("data_set", "decode", "encodings", "implicit", "order", "parent")

    def __init__(self, order: str, implicit: bool, parent: "Scope | None" = None) -> None:
        self.order, self.implicit, self.parent = order, implicit, parent
        self.data_set = DataSet()
        self.encodings: tuple[str, ...] = LATIN if parent is None else parent.encodings
        self.decode: Callable[[bytes], str] = decoder(self.encodings) if parent is None else parent.decode

    def pixel_representation(self) -> int | None:
        """Return Pixel Representation of this data set, or of the nearest one around it that has it."""
        found = self.data_set.json.get(PIXEL_REPRESENTATION, {}).get("Value")
        if found:
            return int(found[0])
        return None if self.parent is None else self.parent.pixel_representation()

    def private_vr(self, tag: int) -> str:
        """Return the value representation of a private element that the encoding does not tell."""
        element = tag & 0xFFFF
        if 0x10 <= element < 0x100:
            return "LO"
        creator = self.data_set.json.get(f"{tag >> 16:04X}{element >> 8:04X}", {}).get("Value")
        return private_vr(tag, creator[0]) if creator and isinstance(creator[0], str) else "UN"


def scope_of(encoding: Encoding, octets: bytes, at: int) -> Scope:
    """Return the scope of a data set that begins at *at*; its first element shows how it is really encoded."""
    implicit = encoding.is_implicit if len(octets) < at + 6 else _looks_implicit(octets, at)
    return Scope(encoding.order, implicit)


def _looks_implicit(octets: bytes, at: int) -> bool:
    return not (0x40 < octets[at + 4] < 0x5B and 0x40 < octets[at + 5] < 0x5B)


def head_at(octets: bytes, at: int, scope: Scope) -> Head:
    """Return the beginning of the element at *at*; raises ShortError."""
    if len(octets) < at + 8:
        raise ShortError
    group, element, _, short = HEADS[scope.order].unpack_from(octets, at)
    tag, vr = group << 16 | element, octets[at + 4 : at + 6]
    name = NAMES.get(vr)
    if scope.implicit or (name is None and not b"AA" <= vr <= b"ZZ"):
        return Head(tag, "", LONGS[scope.order].unpack_from(octets, at + 4)[0], at + 8)
    if vr in LONG_VRS:
        if len(octets) < at + 12:
            raise ShortError
        return Head(tag, name or "", LONGS[scope.order].unpack_from(octets, at + 8)[0], at + 12)
    return Head(tag, name or vr.decode("latin-1"), short, at + 8)


def read_element(octets: bytes, head: Head, scope: Scope, depth: int = 0) -> int:
    """Put the element after *head* into the scope; return the end of its value. Raises ShortError or Malformed."""
    vr = _vr(head, octets, scope)
    if vr == "SQ":
        return _sequence(octets, head, scope, depth)
    if head.length == UNDEFINED:
        end = octets.find(DELIMITERS[scope.order], head.value)
        if end < 0:
            raise ShortError
        value, end = octets[head.value : end], end + 8
    else:
        end = head.value + head.length
        if end > len(octets):
            raise ShortError
        value = octets[head.value : end]
    if head.tag not in PIXEL_DATA:
        _put(head.tag, vr, value, scope)
    return end


def _vr(head: Head, octets: bytes, scope: Scope) -> str:
    vr = head.vr
    if vr not in {"", "UN"}:
        return vr
    if head.length == UNDEFINED:
        known = "SQ" if vr else vr_of(head.tag).decode()
        if known:
            return known
        if len(octets) < head.value + 4:
            raise ShortError
        return "SQ" if scope.order == "<" and octets[head.value : head.value + 4] == b"\xfe\xff\x00\xe0" else "UN"
    if head.tag >> 16 & 1:
        return scope.private_vr(head.tag)
    if vr and head.length >= 0xFFFF:
        return vr
    return vr_of(head.tag).decode() or ("UL" if not head.tag & 0xFFFF and not vr else "UN")


def _put(tag: int, vr: str, value: bytes, scope: Scope) -> None:
    name = f"{tag:08X}"
    data_set = scope.data_set
    if is_ambiguous(vr):
        vr = resolved(tag, vr, scope.implicit, scope.pixel_representation(), data_set.json)
    if tag == CHARACTER_SET:
        scope.encodings = encodings_of(tuple(value.decode("latin-1").rstrip(" \0").split("\\")))
        scope.decode = decoder(scope.encodings)
    try:
        element, texts = element_of(vr, value, scope.order, scope.decode)
        if texts is not None:
            data_set.texts[name] = texts
    except DroppedError:
        data_set.dropped.append(name)
        return
    except (OddValueError, ValueError, LookupError):
        odd = element_by_pydicom(tag, vr, value, scope.order, scope.encodings)
        if odd is None:
            data_set.dropped.append(name)
            return
        element = odd
    data_set.json[name] = element


def _sequence(octets: bytes, head: Head, scope: Scope, depth: int) -> int:
    if depth >= MOST_DEPTH:
        raise Malformed("sequences are nested more deeply than 64 times")
    if head.length == UNDEFINED:
        items, end = _items(octets, head.value, scope, depth)
    else:
        end = head.value + head.length
        if end > len(octets):
            raise ShortError
        try:
            items, _ = _items(octets[head.value : end], 0, scope, depth, head.length)
        except (Malformed, ShortError):  # its end is known, so the elements behind it can be read
            odd = items_by_pydicom(octets[head.value : end], scope.order, scope.implicit, scope.encodings)
            if odd is None:
                scope.data_set.dropped.append(f"{head.tag:08X}")
                return end
            items = odd
    name = f"{head.tag:08X}"
    found = [each.json for each in items]
    scope.data_set.items[name] = items
    scope.data_set.json[name] = {"vr": "SQ", "Value": found} if found else {"vr": "SQ"}
    return end


def _items(octets: bytes, at: int, scope: Scope, depth: int, end: int | None = None) -> tuple[list[DataSet], int]:
    items, long_at, tag_at = [], LONGS[scope.order].unpack_from, HEADS[scope.order].unpack_from
    while end is None or at < end:
        if len(octets) < at + 8:
            raise ShortError
        group, element, _, _ = tag_at(octets, at)
        mark, length = group << 16 | element, long_at(octets, at + 4)[0]
        at += 8
        if mark == SEQUENCE_END:
            break
        if mark != ITEM:
            raise Malformed("a sequence has something that is no item")
        item, at = _item(octets, at, length, scope, depth + 1)
        items.append(item)
    return items, at


def _item(octets: bytes, at: int, length: int, around: Scope, depth: int) -> tuple[DataSet, int]:
    implicit = around.implicit or (len(octets) >= at + 6 and _looks_implicit(octets, at))
    scope = Scope(around.order, implicit, around)
    end = None if length == UNDEFINED else at + length
    if end is not None and end > len(octets):
        raise ShortError
    while end is None or at < end:
        head = head_at(octets, at, scope)
        if head.tag == ITEM_END:
            at = head.value
            break
        at = read_element(octets, head, scope, depth)
    return scope.data_set, at
