"""The routes of a configuration, with open steps, destinations and spool."""

from typing import cast

from gateway.audit.opening import Audit
from gateway.config import loading as config
from gateway.contract.message import Message, Subject
from gateway.contract.outcome import Outcome, Stored
from gateway.flow.routes import Routing
from gateway.spool import Committed, Plan, Spool
from gateway.telemetry.metrics import Metrics
from tests.gateway.fakes import FakeDestination, make_message

TEXT = """
listeners: {{in: {{kind: mllp, port: 0, acknowledge: {acknowledge}, order_by: patient}}}}
destinations:
  first: {{kind: http, url: "http://127.0.0.1:1/"}}
  second: {{kind: http, url: "http://127.0.0.1:1/"}}
routes:
  - {{from: in, when: {{sending_facility: NORTH}}, to: first}}
  - {{from: in, to: second}}
"""


class KeepingSpool:
    """A spool that records the plans of commits."""

    def __init__(self) -> None:
        self.plans: list[Plan] = []

    async def commit(self, _: Message, plan: Plan) -> Committed:
        """Record the plan."""
        self.plans.append(plan)
        return Committed("s-1", duplicate=False)


class TellingDestination(FakeDestination):
    """A destination that answers with its name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    async def deliver(self, message: Message) -> Outcome:
        """Answer with the name."""
        return Stored(self.name.encode())


def routing(acknowledge: str, spool: KeepingSpool | None = None) -> Routing:
    """Return the Routing for the configuration TEXT."""
    stores = {name: TellingDestination(name) for name in ("first", "second")}
    audit = Audit(None, lambda *_: Subject())
    return Routing(
        config.parse(TEXT.format(acknowledge=acknowledge)), stores, Metrics(), cast("Spool | None", spool), audit
    )


async def test_relay() -> None:
    """Of the routes of a listener the first that matches delivers to its destination."""
    parts = routing("relay")
    router = parts.router("in", parts.metrics.listener("in"))
    assert Stored(b"first") == await router(make_message(listener="in", sending_facility="NORTH"))
    assert Stored(b"second") == await router(make_message(listener="in"))


async def test_commit() -> None:
    """In commit mode the message is committed for the destinations of its route, ordered as the listener says."""
    spool = KeepingSpool()
    parts = routing("commit", spool)
    router = parts.router("in", parts.metrics.listener("in"))
    message = make_message(b"MSH|^~\\&|\rPID|1||77\r", listener="in", peer_ip="10.0.0.1")
    assert Stored(is_committed=True) == await router(message)
    (plan,) = spool.plans
    assert (("second",), "in|patient|77|") == (plan.destinations, plan.key)
