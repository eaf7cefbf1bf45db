"""What a process has observed, at the moment of asking."""

from typing import Any, cast

import pytest

from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Unavailable
from gateway.observing.collect import MOST_LOOKED_AT, Collector
from gateway.observing.destination_record import DestinationRecord
from gateway.observing.losses import Losses
from gateway.spool.interface import Limit, Page, Record, Space, Spool, SpoolError, State, Total
from tests.gateway.causes.observations import certificate, peer, silence


class Ready:
    """A process that is ready, with one trouble."""

    state = "ready"
    troubles = {"spool": "it is slow"}  # noqa: RUF012  nobody changes it


class Available:
    """A destination."""

    def __init__(self) -> None:
        self.record = DestinationRecord("http", "http://10.0.0.1/")
        self.is_available = False


class FakeSpool:
    """A spool that has these totals, or fails."""

    def __init__(self, *totals: Total, fails: bool = False) -> None:
        self._totals, self._fails = list(totals), fails
        self.asked_for_reasons = 0
        self.looked_for = 0
        self.waiting: list[str] = []

    async def totals(self) -> list[Total]:
        """Return the totals."""
        if self._fails:
            raise SpoolError("it cannot be read")
        return self._totals

    async def totals_by_reason(self, selection: Any) -> list[Total]:
        """Return the parked ones by reason."""
        self.asked_for_reasons += 1
        assert selection.state is State.PARKED
        return [
            Total("store", State.PARKED, 2, 0, 5.0, "a"),
            Total("store", State.PARKED, 1, 0, 5.0, "a"),
            Total("store", State.PARKED, 1, 0, 5.0, None),
        ]

    async def find(self, selection: Any, limit: int) -> Page:
        """Return the records of what waits."""
        if self._fails:
            raise SpoolError("it cannot be read")
        assert (selection.destination, selection.state) == ("store", State.WAITING)
        self.looked_for += 1
        return Page(tuple(record(each) for each in self.waiting[:limit]), None)

    async def space(self) -> Space:
        """Return the room."""
        if self._fails:
            raise OSError
        return Space(free=10, held=5, min_free_bytes=20, max_bytes=100, limit=Limit.MIN_FREE_BYTES)

    async def set_aside(self) -> list[str]:
        """Return the damaged spools."""
        return ["damaged"]


def queued(message_id: str) -> Message:
    """Return a message of the spool."""
    return Message(message_id, WholeBody(b"x"), {}, {}, queued=True)


def record(message_id: str) -> Record:
    """Return the record of an entry that waits."""
    return Record(f"e-{message_id}", message_id, "store", "lab", State.WAITING, None, 1, 10, 1.0, None, {})


def collector(spool: FakeSpool | None = None, **parts: Any) -> Collector:
    """Return a collector of one destination."""
    return Collector(Ready(), {"store": Available()}, cast("Spool | None", spool), wall=lambda: 1000.0, **parts)


async def test_without_a_spool() -> None:
    """A gateway in relay mode has no spool."""
    seen = await collector().observed()
    assert (seen["at"], seen["started_at"], seen["state"]) == (1000.0, 1000.0, "ready")
    assert (seen["troubles"], seen["space"], seen["parked"]) == ({"spool": "it is slow"}, None, {})
    assert seen["destinations"]["store"]["available"] is False
    assert (seen["peers"], seen["silence"], seen["certificates"], seen["missing_workers"]) == ([], [], [], [])


async def test_totals() -> None:
    """What waits and what is parked is asked of the spool; of others than the destination it is undelivered."""
    spool = FakeSpool(
        Total("store", State.WAITING, 7, 70, 10.0),
        Total("store", State.PARKED, 4, 40, 5.0),
        Total("store", State.DELIVERED, 99, 0, None),
        Total("old", State.WAITING, 3, 30, 1.0),
    )
    seen = await collector(spool).observed()
    store = seen["destinations"]["store"]
    assert (store["waiting"], store["oldest"], store["parked"], store["parked_since"]) == (7, 10.0, 4, 5.0)
    assert seen["parked"] == {"store": {"a": 3, "no reason is recorded": 1}}
    assert seen["undelivered"] == {"old": 3}
    assert seen["spools_set_aside"] == ["damaged"]
    assert seen["space"] == {"free": 10, "min_free": 20, "used": 5, "limit": 100, "full": 1.0}


async def test_reasons_only_if_needed() -> None:
    """The reasons are a longer question: they are asked for only if something is parked."""
    spool = FakeSpool(Total("store", State.WAITING, 0, 0, 10.0), Total("store", State.PARKED, 0, 0, 5.0))
    seen = await collector(spool).observed()
    assert spool.asked_for_reasons == 0
    assert seen["destinations"]["store"]["oldest"] is None


async def test_spool_that_fails() -> None:
    """A spool that cannot be read leaves gaps, and no error: it reports its trouble elsewhere."""
    seen = await collector(FakeSpool(fails=True)).observed()
    assert (seen["destinations"]["store"]["waiting"], seen["space"], seen["undelivered"]) == (0, None, {})


def failing_alone(*message_ids: str) -> Available:
    """Return a destination where these messages fail while others pass."""
    available = Available()
    for each in message_ids:
        message = queued(each)
        available.record.missed(message, Unavailable("it fails"))
        available.record.took(queued("other"))
        available.record.missed(message, Unavailable("it fails"))
    return available


@pytest.mark.parametrize(
    ("waiting", "left"),
    [
        (["a", "b"], {"a", "b"}),
        (["b", "c"], {"b"}),
        ([], set()),
        (["c"] * MOST_LOOKED_AT, {"a", "b"}),
    ],
)
async def test_discarded_messages_do_not_fail(waiting: list[str], left: set[str]) -> None:
    """A message that failed alone and was discarded or moved is forgotten, if all that waits could be looked at."""
    spool, available = FakeSpool(), failing_alone("a", "b")
    spool.waiting = waiting
    asked = Collector(Ready(), {"store": available}, cast("Spool", spool), wall=lambda: 1000.0)
    seen = await asked.observed()
    assert left == set(seen["destinations"]["store"]["poison"])
    await asked.observed()
    assert (2 if left else 1) == spool.looked_for


async def test_nothing_is_looked_for_in_a_spool_that_fails() -> None:
    """What cannot be looked up is not forgotten."""
    asked = Collector(Ready(), {"store": failing_alone("a")}, cast("Spool", FakeSpool(fails=True)))
    assert {"a"} == set((await asked.observed())["destinations"]["store"]["poison"])


async def test_other_parts() -> None:
    """Peers, silence, certificates and losses are asked for."""
    parts: dict[str, Any] = {"peers": lambda: [peer()], "silence": lambda: [silence()]}
    parts |= {"certificates": lambda: [certificate(1)], "losses": Losses({"log": lambda: 2})}
    seen = await collector(**parts).observed()
    assert (len(seen["peers"]), len(seen["silence"]), len(seen["certificates"])) == (1, 1, 1)
    assert (seen["dropped"], seen["dropped_at"]) == ({"log": 2}, {"log": 1000.0})
