"""Very many strings are searched at once."""

import random
import re

import pytest

from adapters.pipeline.gate.identifiers import Identifiers
from adapters.pipeline.gate.strings import PIECE, ManyStrings, distinctive

pytest.importorskip("numpy", reason="the extra `pipeline` is not installed")


def test_found() -> None:
    """In capital and small letters, in the middle, at the ends and over the border of two pieces; nothing else."""
    search = ManyStrings(["Musterfrau^Erika", "74230001", "Müller-Lüdenscheidt"])
    for text in ("-MUSTERFRAU^erika-", "74230001", "an MÜLLER-LÜDENSCHEIDT", "a müller-lüdenscheidt"):
        assert search.is_in(text.encode())
    for text in (
        "Musterfrau^Erik",
        "7423000",
        "",
        "x",
        "Musterfrau Erika",
        "2.25.74230001774",
        "174230001",
        "a74230001f",
    ):
        assert not search.is_in(text.encode())
    for at in (PIECE - 12, PIECE - 6, PIECE - 5, PIECE - 1, PIECE, 2 * PIECE - 3):
        assert search.is_in(b" " * at + b"74230001")
        assert not search.is_in(b" " * at + b"7423000")


def test_like_python() -> None:
    """The same as searching for each string by itself."""
    chance = random.Random(25)
    strings = ["".join(chance.choice("ab ") for _ in range(chance.randint(6, 9))).strip() for _ in range(60)]
    strings = [each for each in strings if len(each) >= 6]
    search = ManyStrings(strings)
    texts = ["".join(chance.choice("ab ") for _ in range(60)).encode() for _ in range(300)]
    alone = [re.compile(rf"(?<![a-z]){each}(?![a-z])".encode()) for each in strings]
    expected = [any(each.search(text) for each in alone) for text in texts]
    assert [search.is_in(each) for each in texts] == expected
    assert 20 < sum(expected) < 280


def test_short() -> None:
    """What has fewer than six octets is not searched for; nothing finds nothing."""
    assert not ManyStrings(["Lee", "12345"]).is_in(b"Lee 12345")
    assert ManyStrings(["Lee", "12345"]).count == 0
    assert not ManyStrings([]).is_in(b"anything")


def test_distinctive() -> None:
    """Whole names in their usual orders, numbers and UIDs; no part of a name, no day, no place without a number."""
    found = set(
        distinctive(
            [
                Identifiers(
                    names=frozenset({"Muster^Erika^M=山田^太郎", "Smith", "Li^Na"}),
                    numbers=frozenset({"AC-99", "Klinik am See"}),
                    telephones=frozenset({"+49 30 90"}),
                    dates=frozenset({"1954-03-07"}),
                    uids=frozenset({"1.2.3"}),
                )
            ]
        )
    )
    assert found == {
        *("Muster^Erika^M", "Muster Erika", "Erika Muster", "Muster, Erika"),
        *("山田^太郎", "山田 太郎", "太郎 山田", "山田, 太郎"),
        *("AC-99", "+49 30 90", "1.2.3"),
    }
