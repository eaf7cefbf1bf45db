"""What is read from files is read in a thread, seldom, and a scrape shows what was read last."""

from gateway.telemetry.reading_apart import SECONDS, ReadApart, gauge_of
from gateway.telemetry.registry import Family
from tests.waiting import until


async def test_read_meanwhile() -> None:
    """At first there is nothing; soon there is what was read."""
    made = ReadApart(lambda: 7, 0)
    assert made.latest() == 0
    await until(lambda: made.latest() == 7)


def test_seldom() -> None:
    """Scrapes that follow each other read once; a reading that takes long is not begun twice."""
    times, calls = [0.0], list[int]()

    def read() -> int:
        calls.append(1)
        made.now()  # as by a second thread
        return len(calls)

    made = ReadApart(read, 0, lambda: times[0])
    made.now()
    times[0] = SECONDS - 1
    assert made.latest() == 1
    assert calls == [1]


def test_gauge() -> None:
    """Samples with the same labels are one."""
    found = gauge_of(Family("hilum_x", "gauge", "x", ("a",)), [(("1",), 2), (("1",), 3), (("2",), 4)])
    assert [(each.labels, each.value) for each in found.samples] == [({"a": "1"}, 5), ({"a": "2"}, 4)]
