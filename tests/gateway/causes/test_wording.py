"""Numbers, durations and names as operators read them."""

import pytest

from gateway.causes import wording


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "0.2 s"),
        (3, "3 s"),
        (14.2, "14 s"),
        (119, "119 s"),
        (120, "2 min"),
        (7199, "120 min"),
        (7200, "2 h"),
        (32400, "9 h"),
        (172800, "2 days"),
        (0, "0 s"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    """A duration is in the largest unit of which it has at least two."""
    assert wording.duration(seconds) == text


def test_numbers() -> None:
    """Small numbers are words."""
    assert [wording.number(each) for each in (1, 2, 10, 11)] == ["One", "Two", "Ten", "11"]
    assert [wording.times(each) for each in (1, 2, 9)] == ["once", "twice", "9 times"]
    assert [wording.several(each, "try", "tries") for each in (1, 2)] == ["1 try", "2 tries"]


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], ""),
        (["CT1"], "CT1"),
        (["CT1", "CT2"], "CT1 and CT2"),
        (["CT1", "CT2", "MR1"], "CT1, CT2 and MR1"),
        (["A", "B", "C", "D", "E"], "A, B, C and 2 more"),
    ],
)
def test_listed(names: list[str], text: str) -> None:
    """A list is in words, and ends after a few names."""
    assert wording.listed(names) == text


@pytest.mark.parametrize(
    ("octets", "text"),
    [(0, "0 octets"), (2048, "2.0 KiB"), (0.8 * 2**30, "0.8 GiB"), (2**30, "1.0 GiB"), (300 * 2**30, "300 GiB")],
)
def test_size(octets: float, text: str) -> None:
    """A size is in the unit that people use for disks."""
    assert wording.size(octets) == text


def test_plain() -> None:
    """Control characters of a peer do not reach a terminal, and what is long is cut."""
    assert wording.plain("A\x1b[2J\nB") == "A\ufffd[2J\ufffdB"
    assert len(wording.plain("x" * 1000)) == wording.LONGEST


def test_ages() -> None:
    """A time is told as how long ago it was, or how far ahead; text that is no time is left out."""
    shown = wording.with_ages({"ended_at": "1000", "begins_at": "1500", "due": "1260", "bad_at": "x"}, 1200.0)
    assert shown["ended_ago"] == "3 min"
    assert shown["begins_in"] == "5 min"
    assert shown["due_in"] == "60 s"
    assert "bad_ago" not in shown
