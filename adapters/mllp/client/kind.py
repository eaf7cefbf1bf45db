"""The kind ``mllp`` of destination."""

from collections.abc import Iterator, Sequence

from adapters.mllp.client.destination import RESULTS, MllpDestination
from adapters.mllp.client.settings import MllpDestinationSettings
from gateway.contract.addresses import is_loopback
from gateway.contract.kind import DestinationKind, ExchangeCounter, Store, Tools

EXCHANGES = ExchangeCounter(
    "hilum_mllp_exchanges",
    "What became of messages sent over MLLP; also old answers that were passed over, late refusals, and loops",
    (*RESULTS.values(), "passed_over", "refused_late", "loop"),
)
IN_THE_CLEAR = (
    "patients' data goes to {host} in the clear, where everybody on the way can read it; add `tls` unless that network "
    "is protected in another way"
)


def _open(name: str, settings: MllpDestinationSettings, tools: Tools) -> Store:
    place = f"destinations.{name}.tls"
    contexts = None if settings.tls is None else tools.bare_contexts(place, settings.tls)
    lock, count = tools.once(f"destination {name}"), tools.counter(name, EXCHANGES)
    destination = MllpDestination(name, settings, lock, contexts, count)
    tools.acknowledgements.subscribe(destination.hear)
    return destination


def _notices(settings: MllpDestinationSettings, _: Sequence[str]) -> Iterator[tuple[str, str]]:
    if settings.tls is None and not is_loopback(settings.host):
        yield "host", IN_THE_CLEAR.format(host=settings.host)


MLLP_OUT = DestinationKind(
    "mllp",
    MllpDestinationSettings,
    frozenset({"hl7v2"}),
    _open,
    _notices,
    counter=EXCHANGES,
    once_per_gateway=True,
)
