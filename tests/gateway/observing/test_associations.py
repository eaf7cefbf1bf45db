"""The associations that are kept."""

from gateway.contract.associations import Association, ContextAnswer
from gateway.observing.associations import Associations


def association(peer: str = "CT1", at: float = 1.0, contexts: int = 0, address: str = "10.0.0.1:9") -> Association:
    """Return an association with so many contexts."""
    answer = ContextAnswer(1, "1.2", ("1.2.1",), 0, "1.2.1", is_storage=True)
    return Association(at, "modalities", peer, address, "HILUM", contexts=(answer,) * contexts)


def times(kept: Associations, peer: str = "CT1") -> list[float]:
    """Return when the associations of a peer were."""
    return [each["at"] for each in kept.of(peer)]


async def test_latest_of_a_peer() -> None:
    """The last few of a peer are kept, the latest first."""
    kept = Associations(most_of_a_peer=2)
    for at in (1.0, 2.0, 3.0):
        kept.add(association(at=at))
    assert [3.0, 2.0] == times(kept)
    assert [3.0, 2.0] == [each["at"] for each in await kept.asked("CT1")]


def test_by_address() -> None:
    """A peer may be named by its address: then all that come from there are meant."""
    kept = Associations()
    kept.add(association("A", 1.0))
    kept.add(association("B", 2.0))
    kept.add(association("C", 3.0, address="10.0.0.2:9"))
    assert [2.0, 1.0] == times(kept, "10.0.0.1")
    assert [] == times(kept, "10.0.0")


def test_peers_are_bounded() -> None:
    """The peer that was heard of longest ago is forgotten."""
    kept = Associations(most_peers=2)
    for peer in ("A", "B", "A", "C"):
        kept.add(association(peer))
    assert ([1.0, 1.0], [], [1.0]) == (times(kept, "A"), times(kept, "B"), times(kept, "C"))


def test_contexts_are_bounded() -> None:
    """However many contexts strangers propose, all together stay below the limit; what is forgotten counts no more."""
    kept = Associations(most_of_a_peer=1, most_contexts=10)
    for number in range(50):
        kept.add(association(f"P{number}", contexts=4))
    assert ([], [1.0], [1.0]) == (times(kept, "P47"), times(kept, "P48"), times(kept, "P49"))
    for number in range(50):  # those of one peer displace each other
        kept.add(association("P49", float(number), contexts=4))
    assert ([1.0], [49.0]) == (times(kept, "P48"), times(kept, "P49"))
    kept.add(association("large", contexts=64))
    assert ([], [1.0]) == (times(kept, "P49"), times(kept, "large"))


def test_it_goes_on() -> None:
    """What happens to an association after it was kept is seen."""
    kept, one = Associations(), association(contexts=1)
    kept.add(one)
    one.answers["1.2", "1.2.1", True] += 3
    one.answers["1.2", "1.2.1", False] += 1
    one.ended, one.ended_at = "released", 5.0
    (seen,) = kept.of("CT1")
    assert ("released", 5.0, 3, 1) == (
        seen["ended"],
        seen["ended_at"],
        seen["contexts"][0]["stored"],
        seen["contexts"][0]["failed"],
    )
