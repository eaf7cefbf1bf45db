"""Times with their zones, and the report."""

import pytest

from adapters.fhir.context import Options
from adapters.fhir.report import LeftOut, Reason
from tests.adapters.fhir.making import BERLIN, context, segment

DATE_TIMES = {
    "own zone": ("20240501101500-0500", "", BERLIN, "2024-05-01T10:15:00-05:00", []),
    "zone of MSH-7": ("20240501101500", "+00:00", BERLIN, "2024-05-01T10:15:00+00:00", []),
    "configured zone": ("20240501101500", "", BERLIN, "2024-05-01T10:15:00+02:00", []),
    "no zone": ("20240501101500", "", Options(), "2024-05-01", [Reason.NO_TIME_ZONE]),
    "an hour alone": ("2024050110", "", BERLIN, "2024-05-01", [Reason.NOT_WHOLE]),
    "a month": ("202405", "", BERLIN, "2024-05", []),
    "with a degree of precision": ("20240501^D", "", BERLIN, "2024-05-01", []),
    "text": ("May 2024", "", BERLIN, None, [Reason.UNREADABLE]),
}


@pytest.mark.parametrize(("raw", "zone", "options", "expected", "reasons"), DATE_TIMES.values(), ids=DATE_TIMES)
def test_date_time(raw: str, zone: str, options: Options, expected: str | None, reasons: list[Reason]) -> None:
    """A time gets a zone from what is known, or becomes a date."""
    there = context(options)
    there.message_zone = zone
    assert (expected, reasons) == (there.date_time(raw), [each.reason for each in there.report])


MOMENTS = {"20240501101500": "2024-05-01T10:15:00+02:00", "2024050110": "2024-05-01", "x": "", "": ""}


@pytest.mark.parametrize(("raw", "expected"), MOMENTS.items())
def test_moment(raw: str, expected: str) -> None:
    """The time of a message is read without a report."""
    there = context()
    assert (expected, []) == (there.moment(raw), there.report)


AS_OF = {
    "a zone": ("20240501101500", BERLIN, "2024-05-01T10:15:00+02:00"),
    "no zone": ("20240501101500.5", Options(), "2024-05-01T10:15:00.5"),
    "a day": ("20240501", BERLIN, "2024-05-01"),
    "the hour that comes twice": (
        "20241027021000",
        BERLIN,
        "2024-10-27T02:10:00+02:00/2024-10-27T02:10:00+01:00",
    ),
    "its zone is sent": ("20241027021000+0100", BERLIN, "2024-10-27T02:10:00+01:00"),
    "the hour that is skipped": ("20240331023000", BERLIN, "2024-03-31T02:30:00+01:00"),
    "no time": ("x", BERLIN, ""),
}


@pytest.mark.parametrize(("raw", "options", "expected"), AS_OF.values(), ids=AS_OF)
def test_as_of(raw: str, options: Options, expected: str) -> None:
    """The time that orders messages keeps a clock without a zone, and is two times in the hour that comes twice."""
    assert expected == context(options).as_of(raw)


def test_sent() -> None:
    """When the message was made decides between events of one time; the same time is not said twice."""
    there = context()
    there.sent = "2024-05-01T12:00:00+02:00"
    assert ["2024-05-01T10:15:00+02:00 2024-05-01T12:00:00+02:00", there.sent, ""] == [
        there.as_of(each) for each in ("20240501101500", "20240501120000", "")
    ]


INSTANTS = {"20240501101500": "2024-05-01T10:15:00+02:00", "202405011015": None, "20240501": None}


@pytest.mark.parametrize(("raw", "expected"), INSTANTS.items())
def test_instant(raw: str, expected: str | None) -> None:
    """An instant that is not whole is left out, never filled up."""
    there = context()
    assert (expected, expected is None) == (there.instant(raw), bool(there.report))


def test_leave() -> None:
    """A line of the report has segment, field, repetition and component."""
    there = context()
    there.at(segment("PID|1"), 5, 2)
    there.leave(Reason.NO_ELEMENT, "7")
    assert [LeftOut("PID-5[2].7", Reason.NO_ELEMENT)] == there.report


def test_only() -> None:
    """Components with a value that are not carried are reported."""
    there = context()
    there.at(segment("PID|1"), 3)
    there.only(["1", "2", "", '""'], frozenset({1}))
    assert [LeftOut("PID-3.2", Reason.NO_ELEMENT)] == there.report


def test_very_many_components() -> None:
    """A field with very many components that nobody carries fills no memory: the first 100 are reported."""
    there = context()
    for number in (3, 5, 3):
        there.at(segment("PID|1"), number)
        there.only(["x"] * 1000, frozenset({1}))
    assert (100, 300) == (len({each.place for each in there.report if "PID-5" in each.place}), len(there.report))
