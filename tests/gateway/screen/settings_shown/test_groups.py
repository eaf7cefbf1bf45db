"""The keys of the configuration by section."""

from gateway.config.loading import parse
from gateway.config.yaml_text import read_yaml
from gateway.screen.settings_shown.groups import Group, found_in, grouped

TEXT = """\
listeners: {lab.1: {kind: mllp, port: 2575}}
destinations: {store: {kind: http, url: "https://store.example/"}}
routes: [{from: lab.1, to: store}]
workers: 2
"""


def groups() -> list[Group]:
    """Return the groups of TEXT."""
    return grouped(parse(TEXT), read_yaml(TEXT))


def test_names() -> None:
    """Each listener, destination and route is a group of its own; keys of no section come first."""
    names = [each.name for each in groups()]
    assert ["gateway", "listeners.lab.1", "destinations.store", "routes[0]"] == names[:4]
    assert {"admin", "spool"} < set(names)


def test_defaults_apart() -> None:
    """What the file says is apart from the defaults."""
    top, listener = groups()[:2]
    assert ["workers"] == [each.path for each in top.written]
    assert "drain_seconds" in [each.path for each in top.defaults]
    assert {"listeners.lab.1.kind", "listeners.lab.1.port"} == {each.path for each in listener.written}
    assert all(each.is_default for each in listener.defaults)


def test_found() -> None:
    """A search finds keys by path and value, and leaves out what has none."""
    assert {"listeners.lab.1", "admin"} == {each.name for each in found_in(groups(), "PORT") if _has(each, "port")}
    assert ["listeners.lab.1"] == [each.name for each in found_in(groups(), "2575")]
    assert [] == found_in(groups(), "no such key")


def _has(group: Group, name: str) -> bool:
    return any(each.path.endswith(f".{name}") for each in (*group.written, *group.defaults))
