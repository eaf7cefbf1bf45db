"""Times and durations as people read them."""

import pytest

from gateway.screen.times import age, ago, lasting, moment, second, short, with_times

NOW = 1_764_383_000.0  # 2025-11-29T02:23:20Z
DURATIONS = {
    0: "0 s",
    -5: "0 s",
    14.9: "14 s",
    60: "1 min",
    840: "14 min",
    13_920: "3 h 52 min",
    7200: "2 h",
    90_000: "1 d 1 h",
    86_400: "1 d",
    86_460: "1 d",
}


@pytest.mark.parametrize(("seconds", "shown"), DURATIONS.items())
def test_lasting(seconds: float, shown: str) -> None:
    """A duration has its largest units, two at most."""
    assert shown == lasting(seconds)


def test_ago() -> None:
    """What was just now changes its words once a minute at most."""
    assert ["just now", "just now", "1 min ago", "just now"] == [ago(0), ago(59.9), ago(61), ago(-5)]
    assert ["less than a minute", "14 min"] == [age(3), age(840)]


def test_moment() -> None:
    """A time of day is an element with the exact time, and has its date if it is far away."""
    assert '<time datetime="2025-11-29T02:09:20Z">02:09 UTC</time>' == moment(NOW - 840, NOW)
    assert '<time datetime="2025-11-26T02:23:20Z">26 Nov 2025 02:23 UTC</time>' == moment(NOW - 3 * 86_400, NOW)
    assert "5 Dec 2025" in moment(NOW + 6 * 86_400, NOW)


TEXTS = {
    "last 2025-11-29T02:18:00Z, next 2025-11-29T02:24:00.5Z": 2,
    "no time": 0,
    "2025-02-31T02:18:00Z is no day": 0,
    "x2025-11-29T02:18:00Z": 0,
}


@pytest.mark.parametrize(("text", "count"), TEXTS.items())
def test_times_in_a_text(text: str, count: int) -> None:
    """Each time in a sentence is an element, and what only looks like one is text."""
    assert count == with_times(text, NOW).count("<time ")


def test_text_around_a_time_is_escaped() -> None:
    """A time does not open the way for markup beside it."""
    shown = with_times("<b>2025-11-29T02:18:00Z</b>", NOW)
    assert "&lt;b&gt;<time" in shown
    assert "</time>&lt;/b&gt;" in shown


def test_second() -> None:
    """Where the order of events matters a time has its seconds, with and without a date, and for the script, too."""
    assert '<time datetime="2025-11-29T02:23:05Z" data-seconds>02:23:05 UTC</time>' == str(second(NOW - 15, NOW))
    assert "27 Nov 2025 02:23:20 UTC" in second(NOW - 2 * 86_400, NOW)


def test_short() -> None:
    """A duration of an exchange has two digits that mean something."""
    assert ["0 ms", "4 ms", "43 ms", "0.35 s", "9.5 s", "14 s", "3 min"] == [
        short(each) for each in (-1, 0.004, 0.043, 0.35, 9.51, 14.2, 190)
    ]
