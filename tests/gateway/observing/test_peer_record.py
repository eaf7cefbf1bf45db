"""One peer: the words of the journal that it counts."""

import pytest

from gateway.observing.peer_record import PeerRecord


@pytest.mark.parametrize(
    ("outcome", "counted"),
    [
        ("stored", {"stored": 2}),
        ("committed", {"stored": 2}),
        ("duplicate", {"stored": 2, "duplicates": 2}),
        ("refused", {"refused": 2}),
        ("unavailable", {"unavailable": 2}),
        ("none", {}),
        ("another word", {}),
    ],
)
def test_count(outcome: str, counted: dict[str, int]) -> None:
    """Every message counts, and by its outcome."""
    record = PeerRecord("lab", "LAB|H", "10.0.0.2")
    record.count(outcome, 2, 1.0)
    seen = record.seen(1)
    assert seen["messages"] == 2
    names = ("stored", "refused", "unavailable", "duplicates")
    assert {name: seen[name] for name in names} == dict.fromkeys(names, 0) | counted  # type: ignore[literal-required]
