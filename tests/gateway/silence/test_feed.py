"""From the counts of processes to what was heard."""

from gateway.contract.observed import PeerSeen
from gateway.silence.feed import MOST_PROCESSES, Feed, ProcessSeen


def seen(peer: str, messages: int, at: float | None, listener: str = "lab") -> PeerSeen:
    """Return what a process knows of a peer."""
    return PeerSeen(
        peer=peer,
        listener=listener,
        address="10.0.0.1",
        connections=1,
        last_message=at,
        messages=messages,
        stored=messages,
        refused=0,
        unavailable=0,
        duplicates=0,
        notices=[],
    )


class Heard(list[tuple[str, str, float, int]]):
    """What was told; it is forgotten when it is taken."""

    def take(self) -> list[tuple[str, str, float, int]]:
        """Return what was told since the last call."""
        told = list(self)
        self.clear()
        return told


def feeding() -> tuple[Feed, Heard]:
    """Return a feed, and what it tells."""
    heard = Heard()
    return Feed(lambda *each: heard.append(each)), heard


def test_differences() -> None:
    """Each time only what came since is told; without a new message, nothing."""
    feed, heard = feeding()
    feed.take(ProcessSeen(1.0, [seen("HIS", 5, 100.0)]))
    assert heard.take() == [("HIS", "lab", 100.0, 5)]
    feed.take(ProcessSeen(1.0, [seen("HIS", 5, 100.0)]))
    assert heard.take() == []
    feed.take(ProcessSeen(1.0, [seen("HIS", 7, 160.0), seen("HIS", 1, 150.0, "other")]))
    assert heard.take() == [("HIS", "lab", 160.0, 2), ("HIS", "other", 150.0, 1)]


def test_workers_add_up() -> None:
    """Each worker counts for itself: what all have heard is told."""
    feed, heard = feeding()
    feed.take(ProcessSeen(1.0, [seen("HIS", 5, 100.0)]))
    feed.take(ProcessSeen(2.0, [seen("HIS", 3, 90.0)]))
    assert heard.take() == [("HIS", "lab", 100.0, 5), ("HIS", "lab", 90.0, 3)]
    feed.take(ProcessSeen(1.0, [seen("HIS", 5, 100.0)]))
    feed.take(ProcessSeen(2.0, [seen("HIS", 4, 120.0)]))
    assert heard.take() == [("HIS", "lab", 120.0, 1)]


def test_a_worker_is_replaced() -> None:
    """The next process counts from 0, even where it has more than the one before."""
    feed, heard = feeding()
    feed.take(ProcessSeen(1.0, [seen("HIS", 5, 100.0)]))
    heard.take()
    feed.take(ProcessSeen(110.0, [seen("HIS", 8, 120.0)]))
    assert heard.take() == [("HIS", "lab", 120.0, 8)]


def test_a_peer_that_the_process_forgot() -> None:
    """A process that remembers a bounded number of peers may count one anew."""
    feed, heard = feeding()
    feed.take(ProcessSeen(1.0, [seen("HIS", 5, 100.0)]))
    heard.take()
    feed.take(ProcessSeen(1.0, [seen("HIS", 2, 200.0)]))
    assert heard.take() == [("HIS", "lab", 200.0, 2)]


def test_a_peer_without_messages() -> None:
    """A peer that was only noticed, such as one that is turned away, was not heard."""
    feed, heard = feeding()
    feed.take(ProcessSeen(1.0, [seen("CT9", 0, None), seen("CT8", 3, None)]))
    assert heard.take() == []


def test_a_worker_that_does_not_answer_for_a_while() -> None:
    """What it had said before is still known when it answers again."""
    feed, heard = feeding()
    feed.take(ProcessSeen(1.0, [seen("HIS", 5, 100.0)]))
    for other in range(2, MOST_PROCESSES + 1):
        feed.take(ProcessSeen(float(other), []))
    heard.take()
    feed.take(ProcessSeen(1.0, [seen("HIS", 6, 110.0)]))
    assert heard.take() == [("HIS", "lab", 110.0, 1)]


def test_processes_are_bounded() -> None:
    """The process that was taken longest ago is forgotten."""
    feed, heard = feeding()
    for number in range(MOST_PROCESSES + 1):
        feed.take(ProcessSeen(float(number), [seen("HIS", 5, 100.0)]))
    heard.take()
    feed.take(ProcessSeen(1.0, [seen("HIS", 5, 100.0)]))
    assert heard.take() == []
    feed.take(ProcessSeen(0.0, [seen("HIS", 5, 100.0)]))
    assert heard.take() == [("HIS", "lab", 100.0, 5)]
