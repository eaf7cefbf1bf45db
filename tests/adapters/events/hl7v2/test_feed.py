"""Which messages may be passed on, and in which order."""

from adapters.events.hl7v2.feed import Entry, Feed, Listing
from adapters.events.instants import MILLISECOND, SECOND

A, B, C = Entry(10 * SECOND, "a"), Entry(11 * SECOND, "b"), Entry(12 * SECOND, "c")


def feed(settle: float = 2.0, **settings: int) -> Feed:
    """Return a feed that has passed nothing on."""
    return Feed(0, {}, settle, **settings)


def at(now: float, *entries: Entry, before: int | None = None) -> Listing:
    """Return what the store lists at a time."""
    return Listing(entries, now, now, before)


def test_waits_for_the_settle_time() -> None:
    """A message is ready once it has been known for the settle time, whatever the store's clock says."""
    found = feed()
    assert [] == found.judge(at(100, A))
    assert 102 == found.look_at
    assert [] == found.judge(at(101.9, A))
    assert [A] == found.judge(at(102, A))


def test_late_visible_message_is_not_overtaken() -> None:
    """A message that becomes visible within the settle time comes before the one that was created after it."""
    found = feed()
    found.judge(at(100, B))
    assert [A, B] == found.judge(at(102, B, A))


def test_notification_counts_from_its_arrival() -> None:
    """What was told of earlier settles earlier than by the list, and asks for a look at once."""
    found = feed()
    found.told("b", 100)
    assert 100 == found.look_at
    assert [A, B] == found.judge(at(102, B, C, A))
    assert 104 == found.look_at


def test_newer_message_settles_older_ones() -> None:
    """Once a message is settled, those created before it are, too, even if they were seen only now."""
    found = feed()
    found.judge(at(100, C))
    assert [A, B, C] == found.judge(at(102, A, B, C))


def test_passed_on() -> None:
    """What is passed on moves the watermark and does not come again; an older one that comes later is late."""
    found = feed()
    found.judge(at(100, B))
    (ready,) = found.judge(at(102, B))
    assert not found.passed_on(ready)
    assert (11 * SECOND, True) == (found.watermark, found.told("b", 103))
    assert [A] == found.judge(at(103, A, B))
    assert found.passed_on(A)


def test_unlisted_notifications() -> None:
    """A name that the list does not have after the settle time comes up, until it is dismissed."""
    found = feed()
    found.told("x", 100)
    listing = at(101)
    found.judge(listing)
    assert ([], 102) == (found.unlisted(listing), found.look_at)
    listing = at(102)
    found.judge(listing)
    assert ["x"] == found.unlisted(listing)
    found.told("y", 101.9)
    assert ["x", "y"] == found.unlisted(listing, is_ready=True)
    found.dismiss("y")
    found.dismiss("x")
    assert ([], None) == (found.unlisted(listing), found.look_at)


def test_cut_list() -> None:
    """Of a list that was cut, what lies before its end is ready; the next look is at once."""
    found = feed(settle=0)
    found.told("x", 90)
    listing = at(100, A, B, C, before=12 * SECOND)
    assert [A, B] == found.judge(listing)
    assert (0, []) == (found.look_at, found.unlisted(listing))


def test_floor() -> None:
    """Messages from before the start are never delivered, even if the feed looks back."""
    found = feed(settle=0, floor=11 * SECOND)
    assert [B] == found.judge(at(100, A, B))
    assert 11 * SECOND == found.since(5 * SECOND)


def test_since_is_in_milliseconds() -> None:
    """The store is asked from the whole millisecond of the watermark on."""
    found = Feed(5 * SECOND + 1, {}, 2.0)
    assert (5 * SECOND, 4 * SECOND) == (found.since(), found.since(SECOND))
    assert 0 == found.since(60 * SECOND) % MILLISECOND


def test_position_of_an_earlier_process() -> None:
    """Names that were passed on before the restart do not come again."""
    found = Feed(10 * SECOND, {"a": 10 * SECOND}, 0.0)
    other = Entry(10 * SECOND, "other")
    assert [other, B] == found.judge(at(100, A, other, B))


def test_forget() -> None:
    """Names are forgotten once the store is not asked for their time any more."""
    names = {f"{number}": number for number in range(2000)}
    found = Feed(3000, names, 2.0)
    found.forget(1999)
    assert (True, False) == (found.told("1999", 1), found.told("5", 1))


def test_look_again() -> None:
    """A look can be asked for."""
    found = feed()
    found.look_again()
    assert 0 == found.look_at


def test_store_clock_bounds() -> None:
    """A creation time in the future of the store's clock moves neither the watermark nor what is settled beyond it."""
    found, future = feed(), Entry(3600 * SECOND, "future")
    for now in (100, 102):
        ready = found.judge(Listing([future], now, now, None, future.created, 10 * SECOND))
    assert [future] == ready
    found.passed_on(future)
    assert 11 * SECOND == found.watermark
    assert [] == found.judge(Listing([future, C], 103, 103, None, future.created, 12 * SECOND))


def test_watermark_of_an_earlier_process_in_the_future() -> None:
    """A watermark that is ahead of the store's clock goes back to it."""
    found = Feed(3600 * SECOND, {}, 0.0)
    found.judge(Listing([], 100, 100, None, 0, 10 * SECOND))
    assert 11 * SECOND == found.watermark


def test_found() -> None:
    """A message that the store has and the list does not show has its place in the order."""
    found = feed()
    for name in "bc":
        found.told(name, 100)
    assert [C] == found.judge(at(102, C))
    found.found(B)
    assert [B, C] == found.judge(at(102, C))
    found.passed_on(B)
    assert [C] == found.judge(at(102, C))
