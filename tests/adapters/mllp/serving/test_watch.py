"""The time limits of a connection, without waiting."""

import pytest

from adapters.mllp.serving.watch import Phase, Watch
from adapters.mllp.settings import MllpListenerSettings
from gateway.contract.meter import Rejection

SETTINGS = MllpListenerSettings(
    kind="mllp", port=0, idle_seconds=1000, first_message_seconds=300, message_seconds=60, min_bytes_per_second=100
)


def watch(*, has_sent: bool = True) -> Watch:
    """Return the watch of a peer that connected at 0."""
    made = Watch(SETTINGS, 0)
    made.has_sent = has_sent
    return made


@pytest.mark.parametrize(
    ("has_sent", "active", "due", "fault"),
    [
        (True, 50, 1050, Rejection.IDLE_TIMEOUT),
        (False, 0, 300, Rejection.FIRST_MESSAGE_TIMEOUT),
        (False, 299, 599, Rejection.FIRST_MESSAGE_TIMEOUT),
        (False, 5000, 5300, Rejection.FIRST_MESSAGE_TIMEOUT),
    ],
    ids=["idle", "nothing yet", "one keep-alive", "keep-alives for long"],
)
def test_between_blocks(has_sent: bool, active: float, due: float, fault: Rejection) -> None:
    """A peer that has said nothing is given less time than one that is known to speak."""
    peer = watch(has_sent=has_sent)
    assert (due, fault) == (peer.due(Phase.NEXT, active), peer.fault(Phase.NEXT, active, due))


def test_our_own_side() -> None:
    """No limit runs while the peer waits for Hilum."""
    assert watch().due(Phase.ANSWER, 0) is None


# What has come and when: the offset of its block, octets, seconds; then when it is due and why.
ARRIVALS: dict[str, tuple[list[tuple[int, int, float]], float, Rejection]] = {
    "silence": ([(1, 100_000, 10)], 70, Rejection.MESSAGE_TIMEOUT),
    "an octet a second": ([(1, each, each) for each in range(1, 61)], 1 + 60 + 60 / 100, Rejection.TOO_SLOW),
    "fast enough": ([(1, 10_000, 10), (1, 20_000, 100)], 160, Rejection.MESSAGE_TIMEOUT),
    "the next block has its own time": ([(1, 1, 10), (500, 1, 69)], 129, Rejection.MESSAGE_TIMEOUT),
}


@pytest.mark.parametrize(("arrivals", "due", "fault"), ARRIVALS.values(), ids=ARRIVALS)
def test_inside_a_block(arrivals: list[tuple[int, int, float]], due: float, fault: Rejection) -> None:
    """A block may neither stall nor come in too slowly."""
    peer = watch()
    for block, octets, now in arrivals:
        peer.block_went_on(block, octets, now)
    last = arrivals[-1][2]
    assert (due, fault) == (peer.due(Phase.MESSAGE, last), peer.fault(Phase.MESSAGE, last, due))


def test_our_pauses_do_not_count() -> None:
    """The time for which the peer is not read does not count against it."""
    peer = watch()
    peer.block_went_on(1, 100, 10)
    peer.pause(20)
    peer.resume(520)
    assert 10 + 500 + 60 + 1 == peer.due(Phase.MESSAGE, 520)
    peer.block_went_on(1, 100_000, 530)
    assert 530 + 60 == peer.due(Phase.MESSAGE, 530)


@pytest.mark.parametrize(("active", "due"), [(10, 160), (130, 190)], ids=["paused later", "answered later"])
def test_no_room(active: float, due: float) -> None:
    """A block that waits too long for memory is given up, with the memory limit as the reason."""
    peer = watch()
    peer.pause(100)
    assert (due, Rejection.MEMORY_LIMIT) == (peer.due(Phase.ROOM, active), peer.fault(Phase.ROOM, active, due))
