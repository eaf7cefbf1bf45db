"""Instances of one study and association become one event."""

import pytest

from gateway.audit import gathering
from gateway.audit.gathering import Gathering, Group
from gateway.audit.message import Participant
from gateway.contract.message import Subject
from gateway.contract.outcome import Outcome, Refused, Stored


def group(now: float, *, study: str = "1", outcome: Outcome | None = None) -> Group:
    """Return a group that begins at *now*."""
    return Group(Participant("a"), Participant("b"), Subject(study_instance_uid=study), outcome or Stored(), now, now)


def test_one_group() -> None:
    """Instances that follow each other are one group, due when no more has come."""
    gathering = Gathering(quiet=5)
    for now in (0.0, 4.0, 8.0):
        assert [] == gathering.add("a1", group(now), ("ct", f"{now}"))
    assert 13.0 == gathering.next_due()
    assert [] == gathering.due(12.9)
    (found,) = gathering.due(13.0)
    assert (3, 8.0) == (len(found.instances), found.latest)
    assert gathering.next_due() is None


def test_what_makes_another_group() -> None:
    """Another association, study or outcome is another event."""
    gathering = Gathering(quiet=5)
    gathering.add("a1", group(0), ("ct", "1"))
    gathering.add("a2", group(0), ("ct", "2"))
    gathering.add("a1", group(0, study="2"), ("ct", "3"))
    gathering.add("a1", group(0, outcome=Refused("no")), ("ct", "4"))
    assert [1, 1, 1, 1] == [len(each.instances) for each in gathering.take_all()]


def test_stored_with_another_reply_is_the_same_group() -> None:
    """The text of the store's answer makes no difference."""
    gathering = Gathering(quiet=5)
    gathering.add("a1", group(0, outcome=Stored(b"1")), ("ct", "1"))
    gathering.add("a1", group(0, outcome=Stored(b"2")), ("ct", "2"))
    assert 1 == len(gathering.take_all())


def test_never_quiet() -> None:
    """A group to which instances are added all the time is reported at its maximum age."""
    gathering = Gathering(quiet=5)
    gathering.add("a1", group(0), ("ct", "1"))
    gathering.add("a1", group(58), ("ct", "2"))
    assert 1 == len(gathering.due(60))


def test_alone() -> None:
    """Without a time to wait each instance is an event."""
    (found,) = Gathering(quiet=0).add("a1", group(0), ("ct", "1"))
    assert [("ct", "1")] == found.instances


def test_bounds() -> None:
    """A full group is due at once, and so is the oldest of too many."""
    full = Gathering(quiet=5)
    due = [full.add("a1", group(0), ("ct", f"{number}")) for number in range(gathering.MOST_INSTANCES)]
    assert [1] == [len(each) for each in due if each]
    many = Gathering(quiet=5)
    due = [many.add(f"a{number}", group(0), ("ct", "1")) for number in range(gathering.MOST_GROUPS + 1)]
    assert [1] == [len(each) for each in due if each]


def test_instances_of_all_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many groups that are nearly full do not fill the memory: the oldest is due."""
    monkeypatch.setattr(gathering, "MOST_GATHERED", 10)
    many = Gathering(quiet=5)
    due = [many.add(f"a{number % 4}", group(0), ("ct", f"{number}")) for number in range(40)]
    held = 40 - sum(len(each.instances) for groups in due for each in groups)
    assert held <= 10
    assert held == sum(len(each.instances) for each in many.take_all())
    assert [] == many.add("a1", group(0), ("ct", "1"))
