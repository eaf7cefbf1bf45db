"""Which action an element gets: what the table lists is in test_table.py; here is what it does not list."""

import pytest

from adapters.deidentify.dicom.rules import (
    BULK,
    KEPT_BULK,
    KEPT_UIDS,
    MODIFIED,
    MOST_KNOWN,
    NUMBERS,
    TEXTS,
    TIMES,
    Action,
    Rules,
    actions,
    types,
    types_of,
)
from adapters.dicom.dictionary import keyword_of
from tests.adapters.deidentify.dicom.made import CT

PATH = (0x00089215,)


def action(tag: int, vr: bytes, *options: str, removes: bool = False, path: tuple[int, ...] = ()) -> Action:
    """Return the action for an element of a CT image."""
    return Rules(options, removes_unlisted_text=removes).action(tag, vr, CT, path)


@pytest.mark.parametrize(
    ("tag", "vr", "expected"),
    [
        (0x00280010, b"US", Action.KEEP),  # Rows
        (0x00080008, b"CS", Action.KEEP),  # Image Type
        (0x00089215, b"SQ", Action.ITEMS),  # Derivation Code Sequence
        (0x00283006, b"OW", Action.KEEP),  # LUT Data
        (0x00420011, b"OB", Action.DUMMY),  # Encapsulated Document, type 1 where it is an attribute at all
        (0x00282000, b"OB", Action.DUMMY),  # ICC Profile
        (0x00080016, b"UI", Action.KEEP),  # SOP Class UID
        (0x00203010, b"UI", Action.REMOVE),  # not in PS3.6
        (0x00183104, b"IS", Action.KEEP),
        (0x0040E010, b"UR", Action.REMOVE),  # Retrieve URI
        (0x00080055, b"AE", Action.REMOVE),
        (0x00281201, b"OW", Action.KEEP),
        (0x00080000, b"UL", Action.REMOVE),  # a group length
        (0x60020010, b"US", Action.REMOVE),  # an overlay
        (0x50000005, b"US", Action.REMOVE),  # a curve
        (0x00091001, b"LO", Action.REMOVE),  # private
    ],
)
def test_by_representation(tag: int, vr: bytes, expected: Action) -> None:
    """What no row lists stays or goes by its representation."""
    assert action(tag, vr) is expected


@pytest.mark.parametrize(
    ("tag", "vr"),
    [(0x00081234, b"LO"), (0x00081234, b"US"), (0x00081234, b"SQ"), (0x00280010, b"LO"), (0x00280010, b"SQ"),
     (0x00089215, b"LT"), (0x00080008, b"PN"), (0x00283006, b"UN"), (0x00282000, b"SQ")],
)  # fmt: skip
def test_unknown(tag: int, vr: bytes) -> None:
    """An attribute that PS3.6 does not have, or not with a representation of this sort, is removed."""
    assert action(tag, vr) is Action.REMOVE


@pytest.mark.parametrize(
    ("tag", "vr"), [(0x00280106, b"SS"), (0x00283006, b"US"), (0x00181151, b"DS"), (0x00181151, b"IS")]
)
def test_alike(tag: int, vr: bytes) -> None:
    """Numbers may be written as other numbers."""
    assert action(tag, vr) is Action.KEEP


def test_text() -> None:
    """Free text stays if it is searched, or goes by configuration."""
    assert action(0x00080104, b"LO") is Action.CLEAN
    assert action(0x00080104, b"LO", removes=True) is Action.REMOVE


def test_times() -> None:
    """Dates that no row lists go, are moved or stay by the option for dates."""
    tag = 0x0014407A  # Procedure Last Modified Date
    assert action(tag, b"DA") is Action.REMOVE
    assert action(tag, b"DA", MODIFIED) is Action.SHIFT
    assert action(tag, b"DA", "retain_longitudinal_full_dates") is Action.KEEP


def test_uids() -> None:
    """UIDs that no row lists are hashed, unless they name a class, or UIDs are retained."""
    tag = 0x00041432  # Private Record UID
    assert action(tag, b"UI") is Action.UID
    assert action(tag, b"UI", "retain_uids") is Action.KEEP
    assert action(0x00081150, b"UI") is Action.KEEP  # Referenced SOP Class UID


@pytest.mark.parametrize(("kind", "expected"), [("1", Action.DUMMY), ("2", Action.EMPTY), ("3", Action.REMOVE)])
def test_condition(kind: str, expected: Action, monkeypatch: pytest.MonkeyPatch) -> None:
    """X/Z/D: the mildest action that the type of the attribute allows; the strongest where it is not known."""
    tag = next(tag for tag, (letters, _) in actions().items() if letters == "X/Z/D")
    monkeypatch.setattr("adapters.deidentify.dicom.rules.types", lambda: {CT: {f"{tag:08X}": kind}})
    assert action(tag, b"LO") is expected
    assert action(tag, b"LO", path=PATH) is Action.REMOVE
    assert Rules((), removes_unlisted_text=False).action(tag, b"LO", "1.2.3", ()) is Action.REMOVE


@pytest.mark.parametrize(
    ("letters", "kind", "expected"),
    [
        ("X/Z", "1", Action.EMPTY), ("X/Z", "2", Action.EMPTY), ("X/Z", "3", Action.REMOVE),
        ("X/D", "1", Action.DUMMY), ("X/D", "2", Action.DUMMY), ("X/D", "3", Action.REMOVE),
        ("Z/D", "1", Action.DUMMY), ("Z/D", "2", Action.EMPTY), ("Z/D", "3", Action.EMPTY),
    ],
)  # fmt: skip
def test_conditions(letters: str, kind: str, expected: Action, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each pair of actions by each type, in the data set and in a sequence."""
    monkeypatch.setattr("adapters.deidentify.dicom.rules.actions", lambda: {0x00104000: (letters, {})})
    for path, key in (((), "00104000"), (PATH, "00089215.00104000")):
        monkeypatch.setattr("adapters.deidentify.dicom.rules.types", lambda key=key: {CT: {key: kind}})
        assert action(0x00104000, b"LT", path=path) is expected


def test_types() -> None:
    """The type is that of the attribute at its path in the IOD."""
    assert types_of(CT, (), 0x00100010) == types()[CT].get("00100010")
    assert types_of("1.2.3", (), 0x00100010) is None
    assert types_of(CT, PATH, 0x00100010) is None
    assert len(types()) == 180


def test_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """An action is found once; what is remembered has a limit, of places and of elements of one."""
    rules = Rules((), removes_unlisted_text=False)
    rules.action(0x00280010, b"US", CT, ())
    monkeypatch.setattr(rules, "_find", None)
    assert rules.action(0x00280010, b"US", CT, ()) is Action.KEEP
    monkeypatch.undo()
    for number in range(2 * MOST_KNOWN):
        rules.action(number, b"US", CT, ())
        rules.action(0x00280010, b"US", CT, (number,))
    assert len(rules.known_at(CT, ())) <= MOST_KNOWN + 1
    assert rules.action(0x00280010, b"US", CT, ()) is Action.KEEP
    assert len(rules._known) <= MOST_KNOWN + 1


def test_retained() -> None:
    """Attributes that an option keeps, and no others."""
    assert Rules((), removes_unlisted_text=False).retained == frozenset()
    found = Rules(("retain_institution_identity",), removes_unlisted_text=False).retained
    assert 0x00080080 in found
    assert 0x00100010 not in found


def test_sorts() -> None:
    """No representation is of two sorts; what is kept by name is in PS3.6."""
    sorts = [TEXTS, TIMES, BULK, NUMBERS]
    assert sum(map(len, sorts)) == len(frozenset().union(*sorts))
    assert all(keyword_of(each) for each in KEPT_BULK | KEPT_UIDS)
