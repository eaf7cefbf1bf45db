"""What an operator should know of a configuration that is right; ``hilum check`` prints it, the start logs it."""

from collections.abc import Iterator

from gateway.config import Config, ListenerKind
from gateway.descriptors import shortage
from gateway.spreading import is_possible

WITHIN_CONNECTION = (
    "with `workers` above 1 and `spread: connection` it holds only within a connection, and a message that is sent "
    "again over another one may be delivered twice; set `spread: peer`, or `workers: 1`, where a sender reconnects"
)
REFUSED = (
    "with `workers` above 1 it holds only within a connection, because this system does not let Hilum choose the "
    "worker by the peer's address; set `workers: 1` where a sender reconnects"
)
BY_ADDRESS = (
    "with `workers` above 1 it holds among all messages of one IP address, whose connections reach the same worker, "
    "and not between addresses; peers behind one address (a proxy, an integration engine) use one worker only, unless "
    "`spread: connection` is set, with which it holds only within a connection"
)


def notices(config: Config) -> Iterator[str]:
    """Yield each with the place that it is about."""
    if (short := shortage(config)) is not None:
        yield f"listeners: {short}"
    if config.workers > 1:
        for name, each in config.listeners.items():
            if each.acknowledge == "commit" and each.order_by in ("peer", "patient"):
                yield f"listeners.{name}.order_by: {_reach_of_order(each)}"


def _reach_of_order(listener: ListenerKind) -> str:
    if listener.spread_by == "connection":
        return WITHIN_CONNECTION
    return BY_ADDRESS if is_possible() else REFUSED
