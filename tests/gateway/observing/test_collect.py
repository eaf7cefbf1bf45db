"""What a process has observed, at the moment of asking."""

from typing import Any, cast

from gateway.observing.collect import Collector
from gateway.observing.destination_record import DestinationRecord
from gateway.observing.losses import Losses
from gateway.spool.interface import Limit, Space, Spool, SpoolError, State, Total
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

    async def space(self) -> Space:
        """Return the room."""
        if self._fails:
            raise OSError
        return Space(free=10, held=5, min_free_bytes=20, max_bytes=100, limit=Limit.MIN_FREE_BYTES)

    async def set_aside(self) -> list[str]:
        """Return the damaged spools."""
        return ["damaged"]


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


async def test_other_parts() -> None:
    """Peers, silence, certificates and losses are asked for."""
    parts: dict[str, Any] = {"peers": lambda: [peer()], "silence": lambda: [silence()]}
    parts |= {"certificates": lambda: [certificate(1)], "losses": Losses({"log": lambda: 2})}
    seen = await collector(**parts).observed()
    assert (len(seen["peers"]), len(seen["silence"]), len(seen["certificates"])) == (1, 1, 1)
    assert (seen["dropped"], seen["dropped_at"]) == ({"log": 2}, {"log": 1000.0})
