"""Known keys, and suggestions for unknown ones."""

from typing import Any

import pytest

from gateway.config.known_keys import homes_of, known_keys, nearest
from gateway.config.loading import Config

RAW: dict[str, Any] = {
    "listeners": {"a": {"kind": "mllp", "peers": {"p": {}}}, "b": {"kind": "dimse"}, "c": {}},
    "destinations": {"d": {"kind": "http", "credentials": {"kind": "basic"}, "proxy": {}}},
    "routes": [{}],
}
PLACES: dict[str, tuple[tuple[str | int, ...], set[str], set[str]]] = {
    "the file": ((), {"listeners", "drain_seconds"}, {"port"}),
    "a listener": (("listeners", "a"), {"port", "charset", "order_by"}, {"ae_title"}),
    "another": (("listeners", "b"), {"port", "ae_title"}, {"charset"}),
    "one without a kind": (("listeners", "c"), {"ae_title", "charset"}, set()),
    "a peer": (("listeners", "a", "peers", "p"), {"networks", "charset"}, {"port"}),
    "credentials": (("destinations", "d", "credentials"), {"username"}, {"token_file"}),
    "one of two types": (("destinations", "d", "proxy"), {"url", "password_file"}, {"kind"}),
    "a route": (("routes", 0), {"from", "to"}, {"listener"}),
    "nowhere": (("nowhere", 3), set(), {"port"}),
}


@pytest.mark.parametrize(("steps", "has", "lacks"), PLACES.values(), ids=PLACES)
def test_known_keys(steps: tuple[str | int, ...], has: set[str], lacks: set[str]) -> None:
    """The keys are those of the group that its kind chooses, as they are written in the file."""
    known = known_keys(Config, RAW, steps)
    assert has <= {*known}
    assert set() == lacks & {*known}


@pytest.mark.parametrize(
    ("word", "expected"), [("prot", "port"), ("Max-Block", "max_block"), ("colour", None), ("", None)]
)
def test_nearest(word: str, expected: str | None) -> None:
    """A misspelt key gets a suggestion, also in upper case or with a hyphen; another word gets none."""
    assert expected == nearest(word, ["port", "host", "max_block", "max_messages"])


HOMES: dict[str, list[str]] = {
    "workers": ["the top of the file"],
    "order_by": ["`listeners.NAME`"],
    "url": ["`destinations.NAME`", "`buckets.NAME`"],
    "within": ["`routes[N]`"],
    "token_file": ["`admin`"],
    "retention_days": ["`spool`"],
    "syslog": ["`audit`"],
    "port": ["`listeners.NAME`", "`destinations.NAME`", "`admin`"],
    "colour": [],
}


@pytest.mark.parametrize(("key", "expected"), HOMES.items(), ids=HOMES)
def test_home(key: str, expected: list[str]) -> None:
    """A key that stands at a wrong place is known where it belongs."""
    assert expected == homes_of(Config, key)
