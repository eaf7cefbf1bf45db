"""What was pulled and is not acknowledged."""

from adapters.events.pubsub.leases import Leases
from adapters.events.pubsub.pull_reply import Notification


def test_settled() -> None:
    """All notifications about a name are acknowledged once it is settled; then they leave room again."""
    leases = Leases(most=3)
    for ack_id, name in (("1", "a"), ("2", "b"), ("3", "a")):
        leases.hold(Notification(ack_id, name), 0)
    assert 0 == leases.room
    leases.settle(["a", "unknown"])
    assert (["1", "3"], 0) == (leases.settled, leases.room)
    leases.acknowledged(1)
    assert (["3"], 1) == (leases.settled, leases.room)


def test_deadlines() -> None:
    """A deadline is extended when a third of it has passed, and after that once in 20 seconds."""
    leases = Leases(ack_seconds=30)
    leases.hold(Notification("1", "a"), 100)
    assert ([], 110, ["1"]) == (leases.due(109), leases.next_due(), leases.due(110))
    leases.extended(["1", "gone"], 110)
    assert ([], 130) == (leases.due(129), leases.next_due())
    leases.settle(["a"])
    assert leases.next_due() is None


def test_some_are_settled() -> None:
    """Of a name's notifications only those are acknowledged that are named; the others are held on."""
    leases = Leases()
    for ack_id in "12":
        leases.hold(Notification(ack_id, "a"), 0)
    held = leases.held("a")
    leases.hold(Notification("3", "a"), 0)
    leases.settle_some("a", held)
    assert (["1", "2"], ("3",)) == (leases.settled, leases.held("a"))
    leases.settle_some("unknown", held)
    leases.settle(["a"])
    assert ["1", "2", "3"] == leases.settled


def test_dropped() -> None:
    """What is dropped is neither held nor acknowledged."""
    leases = Leases()
    for ack_id, name in (("1", "a"), ("2", "a"), ("3", "b")):
        leases.hold(Notification(ack_id, name), 0)
    leases.drop(["1", "3", "unknown"])
    assert (("2",), ()) == (leases.held("a"), leases.held("b"))
    assert (["2"], []) == (leases.due(1e9), leases.settled)


def test_versions() -> None:
    """The versions of a name are those of its notifications that are held."""
    leases = Leases()
    for ack_id, version in (("1", "a"), ("2", "b"), ("3", "b")):
        leases.hold(Notification(ack_id, "name", version), 0)
    assert ({"a", "b"}, set()) == (leases.versions("name"), leases.versions("unknown"))
    leases.settle_some("name", ["1"])
    assert {"b"} == leases.versions("name")
    leases.drop(["2", "3"])
    assert set() == leases.versions("name")
