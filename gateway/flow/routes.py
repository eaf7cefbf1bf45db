"""Builds the routes of the configuration from the open steps, destinations and spool."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from gateway.audit.opening import Audit
from gateway.config.loading import FACTS, Config, RouteSettings
from gateway.config.models import AnyListener
from gateway.contract.acknowledgements import Acknowledgements
from gateway.contract.destination import Destination
from gateway.contract.journal import Passages
from gateway.contract.step import Step
from gateway.flow.availability import Availability
from gateway.flow.commit import Commit
from gateway.flow.delivery import Delivery
from gateway.flow.retry import Backoff
from gateway.flow.routing import Route, Router
from gateway.flow.steps import stepped
from gateway.kinds import KINDS
from gateway.spool.interface import Spool
from gateway.spool.ordering import OrderBy, order_key
from gateway.telemetry.listener_metrics import ListenerMetrics
from gateway.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Routing:
    """What routes are built from, and the functions that build them."""

    config: Config
    destinations: Mapping[str, Destination]
    metrics: Metrics
    spool: Spool | None
    audit: Audit
    steps: Mapping[str, Step] = field(default_factory=dict)
    availability: Mapping[str, Availability] = field(default_factory=dict)
    """By destination; a route to a destination that is missing here makes its own."""
    acknowledgements: Acknowledgements = field(default_factory=Acknowledgements)
    """What listeners tell of acknowledgements that come in."""
    passages: Passages | None = None
    """Told where each message goes; see ``gateway.contract.journal``."""

    def router(self, name: str, meter: ListenerMetrics) -> Router:
        """Return the routes that read from the listener *name*, in the order of the configuration."""
        settings = self.config.listeners[name]
        routes = [self._route(settings, each, meter) for each in self.config.routes if each.listener == name]
        asked = sorted({field for each in routes for field in each.fields})
        return Router(routes, KINDS.listeners[settings.kind].fields(asked) if asked else None)

    def _route(self, settings: AnyListener, route: RouteSettings, meter: ListenerMetrics) -> Route:
        when = {name: [wanted] if isinstance(wanted, str) else wanted for name, wanted in route.when.items()}
        facts = {name: wanted for name, wanted in when.items() if name in FACTS}
        fields = {name: wanted for name, wanted in when.items() if name not in FACTS}
        deliver = self._commit(settings, route, meter) if settings.acknowledge == "commit" else self._relay(route)
        return Route(facts, deliver, route.via, fields)

    def _relay(self, route: RouteSettings) -> Delivery:
        (name,) = route.destinations
        backoff = Backoff(attempts=route.attempts)
        destination = self.destinations[name]
        always = self.config.destinations[name].via
        if route.via or always:
            destination = stepped(destination, self.steps, always)
        meter = self.metrics.destination(name)
        return Delivery(destination, route.within, backoff, meter, self.availability.get(name), self.passages)

    def _commit(self, settings: AnyListener, route: RouteSettings, meter: ListenerMetrics) -> Commit:
        assert self.spool is not None  # noqa: S101  the spool is open when a listener commits
        order_by: OrderBy = getattr(settings, "order_by", "none")
        key_of = partial(order_key, order_by=order_by, patient_of=KINDS.listeners[settings.kind].patient_of)
        return Commit(self.spool, route.destinations, key_of, settings.duplicate_window, meter.committed, self.passages)
