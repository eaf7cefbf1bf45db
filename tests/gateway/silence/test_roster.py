"""All peers: who is silent, who is heard again, who is forgotten, and what a clock or a restart does to it."""

from collections.abc import Mapping

from gateway.silence.calendar import Calendar
from gateway.silence.judge import Judge
from gateway.silence.record import from_octets, to_octets
from gateway.silence.roster import Change, Roster
from gateway.silence.settings import QuietTime, SilenceSettings
from tests.gateway.silence.simulator import DAY, HOUR, MINUTE, START, WEEK

HIS, LAB = "HIS|MAIN", "lab"


def roster(
    by_hand: Mapping[str, float] | None = None,
    *,
    learns: bool = True,
    most: int = 10,
    quiet: tuple[QuietTime, ...] = (),
) -> Roster:
    """Return a roster without peers, in UTC."""
    judge = Judge(Calendar(SilenceSettings(time_zone="UTC", quiet=quiet)), by_hand or {})
    return Roster(judge, learns=learns, most=most)


class Days:
    """A roster whose time passes a minute, or five, at a time."""

    def __init__(self, which: Roster, now: float = START) -> None:
        self.roster = which
        self.now = now
        self.told: list[tuple[str, str]] = []
        self.changes: list[Change] = []

    def pass_time(self, seconds: float, peers: tuple[str, ...] = (), every: float = 5 * MINUTE) -> None:
        """Let time pass in which *peers* send a message in each step."""
        end = self.now + seconds
        while self.now < end:
            self.now += every
            for peer in peers:
                self.roster.heard(peer, LAB, self.now, 1)
            changes = self.roster.tick(self.now)
            self.changes += changes
            self.told += [(change.key[0], change.what) for change in changes]

    def state(self, peer: str = HIS) -> str:
        """Return how a peer is judged."""
        return next(each["state"] for each in self.roster.seen() if each["peer"] == peer)


def restarted(days: Days, which: Roster, after: float) -> Days:
    """Return what a new process has of the peers of the one before, which ended so many seconds ago."""
    saved = {key: to_octets(each) for key, each in days.roster.estimates.items()}
    which.restore({key: estimate for key, octets in saved.items() if (estimate := from_octets(octets))})
    return Days(which, days.now + after)


def test_a_silence_begins_and_ends() -> None:
    """There is one change when a silence begins and one when it ends, however long it lasts."""
    days = Days(roster())
    days.pass_time(4 * WEEK, (HIS,))
    last = days.now
    days.pass_time(2 * DAY)
    assert days.told == [(HIS, "silent")]
    assert days.state() == "silent"
    days.pass_time(HOUR, (HIS,))
    assert days.told == [(HIS, "silent"), (HIS, "heard")]
    assert days.state() == "usual"
    assert [change.since for change in days.changes] == [last, last]
    assert [change.usual is not None and 6 < change.usual < 14 for change in days.changes] == [True, True]


def test_a_new_peer_is_learnt() -> None:
    """A peer is `learning` for three weeks, in which nothing is told of it; the hours before it came do not count."""
    days = Days(roster())
    days.pass_time(2 * WEEK)
    days.pass_time(2 * WEEK, (HIS,))
    days.pass_time(DAY)
    assert (days.state(), days.told) == ("learning", [])
    days.pass_time(WEEK + DAY, (HIS,))
    assert days.state() == "usual"


def test_a_peer_that_stops_for_good() -> None:
    """After four weeks of silence a peer is forgotten, and its silence has ended."""
    days = Days(roster())
    days.pass_time(4 * WEEK, (HIS,))
    days.pass_time(4 * WEEK - HOUR)
    assert days.told == [(HIS, "silent")]
    days.pass_time(2 * HOUR)
    assert days.told == [(HIS, "silent"), (HIS, "forgotten")]
    assert days.roster.seen() == []


def test_one_that_was_never_silent_is_forgotten_without_a_word() -> None:
    """A peer that sent once is forgotten after four weeks, and nothing is told of it."""
    days = Days(roster())
    days.pass_time(MINUTE, ("once",))
    days.pass_time(4 * WEEK + DAY, (HIS,))
    assert (days.told, [each["peer"] for each in days.roster.seen()]) == ([], [HIS])


def test_by_hand_at_once() -> None:
    """`silence_after` needs no learning, and no message at all: a peer that never sends is silent."""
    days = Days(roster({HIS: HOUR, "never": 2 * HOUR}))
    days.pass_time(10 * MINUTE, (HIS,))
    days.pass_time(3 * HOUR)
    assert days.told == [(HIS, "silent"), ("never", "silent")]
    never = next(each for each in days.roster.seen() if each["peer"] == "never")
    assert (never["listener"], never["since"], never["state"]) == ("", None, "silent")
    days.pass_time(5 * MINUTE, ("never",))
    assert days.told[2:] == [("never", "heard")]
    assert {(each["peer"], each["listener"]) for each in days.roster.seen()} == {(HIS, LAB), ("never", LAB)}


def test_by_hand_is_never_forgotten() -> None:
    """Somebody waits for a peer that is set by hand: it stays silent until the configuration changes."""
    days = Days(roster({HIS: HOUR}))
    days.pass_time(MINUTE, (HIS,))
    days.pass_time(5 * WEEK, every=HOUR / 15)
    assert (days.state(), days.told) == ("silent", [(HIS, "silent")])
    again = restarted(days, roster(), MINUTE)
    again.pass_time(MINUTE)
    assert again.roster.seen() == []


def test_by_hand_moves_to_another_listener() -> None:
    """The place where a peer set by hand was before is forgotten, because it is heard elsewhere."""
    days = Days(roster({HIS: 2 * HOUR}))
    days.pass_time(MINUTE, (HIS,))
    for _ in range(5 * 7 * 24):
        days.pass_time(HOUR / 2)
        days.roster.heard(HIS, "new", days.now, 1)
        days.pass_time(HOUR / 2)
    assert days.told == []
    assert [each["listener"] for each in days.roster.seen()] == ["new"]


def test_without_learning() -> None:
    """With `learn: false` only peers set by hand are there."""
    days = Days(roster({HIS: HOUR}, learns=False))
    days.pass_time(2 * HOUR, (HIS, "other"))
    assert [each["peer"] for each in days.roster.seen()] == [HIS]
    learnt = Days(roster())
    learnt.pass_time(HOUR, (HIS, "other"))
    again = restarted(learnt, roster({HIS: HOUR}, learns=False), MINUTE)
    again.pass_time(MINUTE)
    assert [each["peer"] for each in again.roster.seen()] == [HIS]


def test_expected_silence() -> None:
    """On a holiday nobody is silent; a silence that began before it is told once, and ends as any other."""
    start = Days(roster(quiet=(QuietTime(hours=("Tue",)),)))
    start.pass_time(4 * WEEK, (HIS,))
    start.pass_time(DAY, (HIS,))
    start.pass_time(DAY - HOUR)  # Tuesday
    assert (start.state(), start.told) == ("expected", [])
    start.pass_time(7 * HOUR)
    assert (start.state(), start.told) == ("silent", [(HIS, "silent")])
    start.pass_time(7 * DAY)
    assert start.told == [(HIS, "silent")]


def test_a_restart_keeps_what_was_learnt() -> None:
    """After a restart a peer is judged at once; a silence that was told is not told again, and its end is."""
    days = Days(roster())
    days.pass_time(4 * WEEK, (HIS, "CT1"))
    days.pass_time(6 * HOUR, ("CT1",))
    again = restarted(days, roster(), 10 * MINUTE)
    again.pass_time(HOUR, ("CT1",))
    assert (again.state(), again.told) == ("silent", [])
    again.pass_time(4 * HOUR)
    assert again.told == [("CT1", "silent")]
    again.pass_time(5 * MINUTE, (HIS,))
    assert again.told == [("CT1", "silent"), (HIS, "heard")]


def test_a_gateway_that_was_down_for_weeks() -> None:
    """Time in which the gateway was down is nobody's silence, and forgets nobody."""
    days = Days(roster())
    days.pass_time(4 * WEEK, (HIS,))
    again = restarted(days, roster(), 6 * WEEK)
    again.pass_time(5 * MINUTE)
    assert (again.state(), again.told) == ("usual", [])
    again.pass_time(5 * HOUR)
    assert (again.state(), again.told) == ("silent", [(HIS, "silent")])


def test_restored_late() -> None:
    """What could not be read at the start is taken later; what was heard in between counts."""
    days = Days(roster({HIS: 2 * HOUR}))
    days.pass_time(4 * WEEK, (HIS, "CT1"))
    late = Days(roster({HIS: 2 * HOUR}), days.now + DAY)
    late.pass_time(HOUR, ("CT1",))
    late.roster.restore(dict(days.roster.estimates))
    late.pass_time(5 * MINUTE)
    assert {each["peer"]: each["state"] for each in late.roster.seen()} == {HIS: "usual", "CT1": "usual"}
    assert [each["listener"] for each in late.roster.seen()] == [LAB, LAB]
    assert late.told == []
    assert late.roster.estimates["CT1", LAB].last == late.now - 5 * MINUTE


def test_the_clock_jumps_back() -> None:
    """A clock that jumps back by a day, or forward by one, makes no silence and loses nothing."""
    days = Days(roster())
    days.pass_time(4 * WEEK, (HIS,))
    days.now -= DAY
    days.pass_time(HOUR, (HIS,))
    days.now += 2 * DAY
    days.pass_time(5 * MINUTE)
    assert (days.state(), days.told) == ("usual", [])
    days.pass_time(5 * HOUR)
    assert days.told == [(HIS, "silent")]


def test_a_message_from_the_future() -> None:
    """A time that is not there yet counts as now."""
    days = Days(roster())
    days.pass_time(MINUTE, (HIS,))
    days.roster.heard(HIS, LAB, days.now + 10 * DAY, 1)
    days.pass_time(5 * MINUTE)
    assert days.roster.seen()[0]["since"] == days.now


def test_several_workers_between_two_calls() -> None:
    """What several processes tell of a peer is one peer: the counts add up, the latest time counts."""
    days = Days(roster())
    days.roster.heard(HIS, LAB, START + 30, 3)
    days.roster.heard(HIS, LAB, START + 10, 4)
    days.pass_time(MINUTE, every=MINUTE)
    estimate = days.roster.estimates[HIS, LAB]
    assert (estimate.count, estimate.last) == (7, START + 30)


def test_names_that_somebody_makes_up() -> None:
    """A sender with ever new names displaces other new ones only: nobody who was learnt in weeks or is set by hand."""
    days = Days(roster({"by hand": WEEK}, most=5))
    days.pass_time(4 * WEEK, (HIS,))
    days.pass_time(5 * MINUTE, ("by hand",))
    for number in range(100):
        days.pass_time(5 * MINUTE, (f"X{number}", HIS))
    names = {each["peer"] for each in days.roster.seen()}
    assert names == {HIS, "by hand", "X97", "X98", "X99"}


def test_full_of_peers_that_were_learnt() -> None:
    """Where there is no room, a new peer is not judged, and the others stay."""
    days = Days(roster(most=1))
    days.pass_time(4 * WEEK, (HIS,))
    days.pass_time(HOUR, (HIS, "new"))
    assert [each["peer"] for each in days.roster.seen()] == [HIS]


def test_order_and_counts() -> None:
    """Those that are silent come first; the counts have every state."""
    days = Days(roster({"A": HOUR, "Z": HOUR}))
    days.pass_time(5 * MINUTE, ("A", "Z", "M"))
    days.pass_time(2 * HOUR, ("A", "M"))
    assert [each["peer"] for each in days.roster.seen()] == ["Z", "M", "A"]
    assert days.roster.counts() == {"silent": 1, "marked": 0, "expected": 0, "learning": 1, "usual": 1}
