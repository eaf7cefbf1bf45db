"""The time of an appointment."""

import pytest

from adapters.fhir.booking import Booking, booking, duration_of
from adapters.fhir.context import Options
from adapters.fhir.report import Reason
from tests.adapters.fhir.making import BERLIN, PID, context, made, segment
from tests.adapters.fhir.test_siu import owned, sch

START, END = "2024-05-10T08:30:00+02:00", "2024-05-10T09:00:00+02:00"
TQ1 = "TQ1||||||30^min|20240510083000"
AIL = "AIL|1||OPD|||20240510083000|||30|min"
SCH_END = "SCH|P1|F1|||||||30|MIN|^^^20240510083000"


def found(*texts: str, options: Options = BERLIN) -> tuple[Booking, list[str]]:
    """Return the time in these segments, the first of which is SCH, and the reasons in the report."""
    state = context(options)
    parts = [segment(each) for each in texts]
    return booking(parts[0], parts, state), [each.reason for each in state.report]


TIMES = {
    "SCH-11": ([sch()], START, END),
    "SCH-11 and the duration": ([SCH_END], START, END),
    "SCH-11 without end": ([sch(time="^^^20240510083000")], START, ""),
    "TQ1 before SCH-11": ([sch(time="^^^2020^2020"), "TQ1|||||||20240510083000|20240510090000"], START, END),
    "TQ1 and its duration": (["SCH|P1", TQ1], START, END),
    "TQ1 without a time": ([sch(), "TQ1|1"], START, END),
    "the resources": (["SCH|P1", "AIP|1||9^Dent", AIL, AIL], START, END),
    "resources that differ": (["SCH|P1", AIL, AIL.replace("0830", "0930")], "", ""),
    "the end before the start": ([sch(time="^^^20240510083000^20240510080000")], START, ""),
    "two times": ([sch(time=f"{sch().split('|')[11]}~^^^2025")], START, END),
    "nothing": (["SCH|P1"], "", ""),
    "deleted": ([sch(time='^^^""')], "", ""),
    "over midnight": ([SCH_END.replace("0830", "2350")], "2024-05-10T23:50:00+02:00", "2024-05-11T00:20:00+02:00"),
    "the end of all time": (
        [SCH_END.replace("20240510083000", "99991231235900+0000")],
        "",
        "",
    ),
}


@pytest.mark.parametrize(("segments", "start", "end"), TIMES.values(), ids=TIMES)
def test_times(segments: list[str], start: str, end: str) -> None:
    """Start and end are those of TQ1, SCH-11 or all resources; the end follows from the duration."""
    time = found(*segments)[0]
    assert (start, end) == (time.start, time.end)


REPORTED = {
    "the end before the start": ("^^^20240510083000^20240510080000", [Reason.OUT_OF_ORDER]),
    "two times": ("^^^20240510083000^20240510090000~^^^2025", [Reason.REPEATED]),
    "a quantity": ("1^^^20240510083000^20240510090000", [Reason.NO_ELEMENT]),
}


@pytest.mark.parametrize(("time", "reasons"), REPORTED.values(), ids=REPORTED)
def test_reported(time: str, reasons: list[str]) -> None:
    """What of SCH-11 is not carried is reported."""
    assert reasons == found(sch(time=time))[1]


def test_not_whole() -> None:
    """A start without seconds is no instant: it is reported, and stays as the time at which the patient takes part."""
    time, reasons = found(sch(time="^^^202405100830"))
    assert ("", {"start": START}, [Reason.NOT_WHOLE]) == (time.start, time.period, reasons)


WRITTEN = {
    "both": ("S12", sch(), {"start", "end"}, {"_start", "_end"}),
    "no end": ("S12", sch(time="^^^20240510083000"), {"start", "_end"}, {"_start", "end"}),
    "not whole": ("S13", sch(time="^^^202405100830"), {"_start", "_end"}, {"start", "end"}),
    "nothing": ("S12", sch(time=""), set(), set()),
}


@pytest.mark.parametrize(("event", "text", "owns", "clears"), WRITTEN.values(), ids=WRITTEN)
def test_written(event: str, text: str, owns: set[str], clears: set[str]) -> None:
    """A time that is sent and not certain removes the one before; one that is not sent changes nothing."""
    times = {"start", "end", "_start", "_end"}
    owned_ones, cleared, _ = owned(text, PID, event=event)
    assert (owns, clears) == (owned_ones & times, cleared & times)


@pytest.mark.parametrize(("event", "is_absent"), [("S12", True), ("S15", False)])
def test_absent(event: str, is_absent: bool) -> None:
    """R4 demands a time (app-3): it is absent with a reason, but not where the appointment is cancelled."""
    (appointment,) = (
        each.body for each in made(sch(time=""), PID, kind=f"SIU^{event}").bundle if each.kind == "Appointment"
    )
    assert is_absent == ("_start" in appointment)


DURATIONS = {
    "minutes": ("30", "min^Minutes^ISO", 30, []),
    "the text of the unit": ("45", "x^Minutes", 45, []),
    "hours": ("1.5", "HR", 90, []),
    "seconds": ("60", "s", 1, []),
    "a part of a minute": ("30", "s", 0, [Reason.UNREADABLE]),
    "no unit": ("30", "", 0, [Reason.UNREADABLE]),
    "no number": ("long", "min", 0, [Reason.UNREADABLE]),
    "too long": ("9999999", "h", 0, [Reason.UNREADABLE]),
    "nothing": ("", "min", 0, []),
}


@pytest.mark.parametrize(("amount", "units", "minutes", "reasons"), DURATIONS.values(), ids=DURATIONS)
def test_duration(amount: str, units: str, minutes: int, reasons: list[str]) -> None:
    """A duration is in whole minutes, or it is left out and reported."""
    state = context()
    state.at(segment("SCH"), 9)
    assert (minutes, reasons) == (duration_of(amount, units, state), [each.reason for each in state.report])
