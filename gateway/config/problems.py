"""Checks the relations between the parts of a configuration; a problem has a path, the reason and the correction."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.admin.roles import GRANTED
from gateway.config.buckets import bucket_problems
from gateway.config.chains import chain_problems
from gateway.config.circles import circles
from gateway.config.ports import shared_ports
from gateway.config.route_problems import when_problems
from gateway.contract.addresses import is_loopback
from gateway.contract.kind import ListenerKind
from gateway.contract.message import COMMON_FACTS
from gateway.contract.settings import SourceSettings
from gateway.kinds import KINDS, PIPELINE_PROBLEMS
from gateway.spool.settings import SpoolSettings

ALL_FACTS = {*COMMON_FACTS, *(fact for kind in KINDS.listeners.values() for fact in kind.facts)}
DUPLICATE_WINDOW, RETENTION_DAYS = (
    group.model_fields[name].default
    for group, name in ((SourceSettings, "duplicate_window"), (SpoolSettings, "retention_days"))
)


def contradictions(raw: dict[str, Any]) -> Iterator[str]:
    """Yield the contradictions between the parts, whether or not each part is valid by itself."""
    listeners, destinations = _kinds(raw.get("listeners")), _kinds(raw.get("destinations"))
    routes = _sequence(raw.get("routes"))
    steps = _kinds(raw.get("steps"))
    own_steps = _own_steps(raw.get("destinations"))
    for index, route in enumerate(routes):
        if isinstance(route, dict):
            yield from _route_problems(f"routes[{index}]", route, listeners, destinations)
            yield from chain_problems(f"routes[{index}]", route, listeners, steps, destinations, own_steps)
    yield from when_problems(routes, raw["listeners"] if listeners else {})
    yield from circles(routes, raw["listeners"] if listeners else {}, raw["destinations"] if destinations else {})
    yield from bucket_problems(raw.get("destinations"), raw.get("buckets"))
    yield from PIPELINE_PROBLEMS(raw)
    yield from _relays_to_several(raw, routes)
    yield from shared_ports(raw)
    yield from _once_only(raw.get("workers"), destinations)
    yield from _forgetful(raw)
    yield from _open_admin_port(raw.get("admin"))


def _sequence(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _kinds(section: object) -> dict[str, object]:
    """Return the kind of each name in a section, which may be malformed."""
    if not isinstance(section, dict):
        return {}
    return {str(name): each.get("kind") if isinstance(each, dict) else None for name, each in section.items()}


def _own_steps(destinations: object) -> dict[str, object]:
    if not isinstance(destinations, dict):
        return {}
    return {str(name): each.get("via") for name, each in destinations.items() if isinstance(each, dict)}


def _route_problems(
    path: str, route: dict[str, Any], listeners: Mapping[str, object], destinations: Mapping[str, object]
) -> Iterator[str]:
    source, to = route.get("from"), route.get("to")
    targets = to if isinstance(to, list) else [to]
    if isinstance(source, str) and source not in listeners:
        yield f"{path}.from: there is no listener {source!r}; there is {_names(listeners)}"
    for target in targets:
        if isinstance(target, str) and target not in destinations:
            yield f"{path}.to: there is no destination {target!r}; there is {_names(destinations)}"
    if not targets or len(set(map(str, targets))) < len(targets):
        yield f"{path}.to: must name at least one destination, and none twice"
    kind = KINDS.listeners.get(str(listeners.get(str(source))))
    when = route.get("when")
    if kind is None or not isinstance(when, dict):
        return
    for fact in when:
        if fact in ALL_FACTS and fact not in (*COMMON_FACTS, *kind.facts):
            yield f"{path}.when.{fact}: a {kind.name} listener has no such fact"
        if fact not in ALL_FACTS and isinstance(fact, str) and (problem := field_problem(kind, fact)):
            yield f"{path}.when.{fact}: as a field of what a {kind.name} listener receives it {problem}"


def field_problem(kind: ListenerKind, name: str) -> str | None:
    """Return why a route cannot use the field *name* with a kind of listener, or None if it can."""
    try:
        kind.fields([name])
    except ValueError as error:
        return str(error)
    return None


def _names(section: Mapping[str, object]) -> str:
    return ", ".join(sorted(section)) or "none"


def _relays_to_several(raw: dict[str, Any], routes: list[Any]) -> Iterator[str]:
    listeners = raw.get("listeners")
    for index, route in enumerate(routes):
        if not (isinstance(route, dict) and isinstance(route.get("to"), list) and len(route["to"]) > 1):
            continue
        source = listeners.get(route.get("from")) if isinstance(listeners, dict) else None
        if isinstance(source, dict) and source.get("acknowledge", "relay") == "relay":
            yield f"routes[{index}].to: several destinations need `acknowledge: commit` at listeners.{route['from']}"


def _forgetful(raw: dict[str, Any]) -> Iterator[str]:
    """Yield the listeners that cannot recognise duplicates, because records are removed before the window ends."""
    spool, listeners = raw.get("spool"), raw.get("listeners")
    days = spool.get("retention_days", RETENTION_DAYS) if isinstance(spool, dict) else RETENTION_DAYS
    for name, each in listeners.items() if isinstance(listeners, dict) and _is_number(days) else ():
        window = each.get("duplicate_window", DUPLICATE_WINDOW) if isinstance(each, dict) else 0
        commits = isinstance(each, dict) and each.get("acknowledge") == "commit"
        if commits and _is_number(window) and window > days * 86400:
            yield (
                f"spool.retention_days: the record of a message is removed after {days * 86400:g} seconds, but"
                f" listeners.{name}.duplicate_window ({window:g} seconds) needs it;"
                f" set retention_days to at least {window / 86400:.4g}, or that duplicate_window to 0"
            )


def _once_only(workers: object, destinations: Mapping[str, object]) -> Iterator[str]:
    """Yield the destinations that only one process may use, where there are several."""
    if not isinstance(workers, int) or isinstance(workers, bool) or workers < 2:
        return
    for name, kind in destinations.items():
        found = KINDS.destinations.get(str(kind))
        if found is not None and found.once_per_gateway:
            yield (
                f"destinations.{name}: only one process can keep the connections and the order of kind {found.name};"
                " set `workers: 1`, or give this destination to a gateway of its own"
            )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _open_admin_port(admin: object) -> Iterator[str]:
    if not isinstance(admin, dict) or is_loopback(str(admin.get("host", "127.0.0.1"))):
        return
    tls = admin.get("tls")
    by_certificate = isinstance(tls, dict) and tls.get("client_auth", "none") != "none"
    if all(admin.get(each) is None for each in GRANTED) and not by_certificate:
        mend = "add admin.token_file, or admin.tls with client_auth, or change it to 127.0.0.1"
        yield f"admin.host: other machines can reach {admin['host']} and need no proof of identity; {mend}"
