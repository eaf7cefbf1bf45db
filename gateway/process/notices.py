"""Notices about a valid configuration: ``hilum check`` prints them, and the gateway logs them at its start."""

from collections.abc import Iterator

from gateway.config.loading import Config
from gateway.config.pattern_mistakes import unlike_file_names
from gateway.contract.settings import ListenerSettings
from gateway.kinds import KINDS
from gateway.limits.descriptors import shortage
from gateway.process.spreading import is_possible

TWICE = (
    "a message that is sent again over another connection while its first try is still being written to the spool may "
    "be delivered twice"
)
BY_CONNECTION = f"with `workers` above 1 and `spread: connection` {TWICE}; set `spread: peer`, or `workers: 1`"
NOT_POSSIBLE = (
    f"with `workers` above 1 {TWICE}, because this system does not let Hilum choose the worker by the peer's address; "
    "set `workers: 1` where that must not happen"
)
BY_ADDRESS = (
    "with `workers` above 1 all connections of one IP address reach the same worker; peers behind one address (a "
    f"proxy, an integration engine) use one worker only, unless `spread: connection` is set, with which {TWICE}"
)

ONE_LABEL = (
    "{name!r} is read as a DNS name; if it is the common name (CN) of certificates that have alternative names, write "
    "`cn:` followed by the common name"
)

UNREAD = "no route reads from it, so each of its messages is refused; add a route with `from: {name}`"
UNNAMED = "no route names it, so it gets no messages; name it in the `to` of a route, or remove it"
NOT_SPECIAL = (
    "in {pattern!r}, `?` and `[` match only themselves: the only wildcard is `*`, for any text; to match any "
    "character, write `*`, or a list of the values"
)
NAMES_IN_THE_CLEAR = (
    "the names of objects, which may be those of patients, come from {host} in the clear, where everybody on the way "
    "can read them; change it to https:// unless that network is protected in another way"
)


def notices(config: Config) -> Iterator[str]:
    """Yield each notice, with the configuration key that it is about in front."""
    if (short := shortage(config)) is not None:
        yield f"listeners: {short}"
    if config.workers > 1:
        for name, each in config.ports.items():
            if each.acknowledge == "commit" and each.duplicate_window > 0:
                yield f"listeners.{name}.spread: {_reach_of_recognition(each)}"
    yield from _outside_of_all_routes(config)
    for name, source in config.listeners.items():
        for key, text in KINDS.listeners[source.kind].notices(source):
            yield f"listeners.{name}.{key}: {text}"
    yield from _of_steps(config)
    for name, bucket in config.buckets.items():
        yield from (f"buckets.{name}.{key}: {text}" for key, text in KINDS.buckets[bucket.kind].notices(bucket))
    yield from _of_the_pipeline(config)
    yield from _patterns_of_file_names(config)
    yield from _names_of_one_label(config)
    for name, store in config.destinations.items():
        relaying = sorted({listener for destination, listener in _relayed(config) if destination == name})
        for key, text in KINDS.destinations[store.kind].notices(store, relaying):
            yield f"destinations.{name}.{key}: {text}"


def _of_the_pipeline(config: Config) -> Iterator[str]:
    told = None if config.pipeline is None else config.pipeline.notifications
    if told is not None and (host := told.client.host_in_the_clear) is not None:
        yield f"pipeline.notifications.pubsub_url: {NAMES_IN_THE_CLEAR.format(host=host)}"


def _of_steps(config: Config) -> Iterator[str]:
    for name, step in config.steps.items():
        yield from (f"steps.{name}.{key}: {text}" for key, text in KINDS.steps[step.kind].notices(step))


def _outside_of_all_routes(config: Config) -> Iterator[str]:
    read, named = (
        {each.listener for each in config.routes},
        {name for each in config.routes for name in each.destinations},
    )
    yield from (f"listeners.{name}: {UNREAD.format(name=name)}" for name in config.listeners if name not in read)
    yield from (f"destinations.{name}: {UNNAMED}" for name in config.destinations if name not in named)


def _patterns_of_file_names(config: Config) -> Iterator[str]:
    for index, route in enumerate(config.routes):
        for name, wanted in route.when.items():
            for pattern in [wanted] if isinstance(wanted, str) else wanted:
                if unlike_file_names(pattern):
                    yield f"routes[{index}].when.{name}: {NOT_SPECIAL.format(pattern=pattern)}"


def _names_of_one_label(config: Config) -> Iterator[str]:
    places = {f"listeners.{name}": each.tls for name, each in config.ports.items()} | {"admin": config.admin.tls}
    for place, tls in places.items():
        for name in (tls.client_names if tls else None) or ():
            if ":" not in name and "." not in name:
                yield f"{place}.tls.client_names: {ONE_LABEL.format(name=name)}"


def _relayed(config: Config) -> Iterator[tuple[str, str]]:
    """Yield each pair of destination and listener where the destination must answer before the peer is answered."""
    for route in config.routes:
        if config.listeners[route.listener].acknowledge != "commit":
            yield from ((destination, route.listener) for destination in route.destinations)


def _reach_of_recognition(listener: ListenerSettings) -> str:
    if listener.spread_by == "connection":
        return BY_CONNECTION
    return BY_ADDRESS if is_possible() else NOT_POSSIBLE
