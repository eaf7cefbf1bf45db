"""Each key of the configuration has its value and its origin."""

from pathlib import Path

from gateway.config.loading import parse
from gateway.config.yaml_text import read_yaml
from gateway.screen.settings_shown.keys import Key, keys_below

ROOT = Path(__file__).parents[4]
TEXT = """\
listeners:
  lab: &plain
    kind: mllp
    port: ${PORT}
  ward:
    <<: *plain
    port: 2576
destinations:
  store:
    kind: http
    url: https://store.example/in?code=S3CRET
    headers: {X-Key: S3CRET}
  other.store: {kind: http, url: "https://${STORE}/x", credentials: {kind: bearer, token_file: /run/token}}
routes:
  - {from: lab, when: {message_type: [ADT^*, ORU^R01]}, to: store}
  - {from: ward, to: other.store}
peers:
  "LAB|WARD": {contact: "4730"}
"""
ENVIRONMENT = {"PORT": "2575", "STORE": "S3CRET.example"}


def keys() -> dict[str, Key]:
    """Return the keys of TEXT by their paths."""
    config = parse(TEXT, ENVIRONMENT)
    return {each.path: each for each in keys_below(config, "", read_yaml(TEXT))}


def test_written() -> None:
    """What is in the file has its line, and the value in force."""
    found = keys()
    assert Key("listeners.ward.port", "2576", 7, is_default=False) == found["listeners.ward.port"]
    assert Key("routes[0].from", "lab", 15, is_default=False) == found["routes[0].from"]
    assert Key("peers.LAB|WARD.contact", "4730", 18, is_default=False) == found["peers.LAB|WARD.contact"]
    assert "ADT^*, ORU^R01" == found["routes[0].when.message_type"].value


def test_default() -> None:
    """What is not in the file says so, with the group that it can be added to if that is in the file."""
    found = keys()
    assert Key("listeners.ward.host", "127.0.0.1", 5, is_default=True) == found["listeners.ward.host"]
    assert Key("admin.port", "8080", None, is_default=True) == found["admin.port"]
    assert Key("audit", "none", None, is_default=True) == found["audit"]


def test_merged() -> None:
    """A key that comes from an anchor has the line of the anchor."""
    assert Key("listeners.ward.kind", "mllp", 3, is_default=False) == keys()["listeners.ward.kind"]


def test_environment() -> None:
    """A number from the environment is shown with its variable; a text, which may be a secret, as it is written."""
    found = keys()
    assert Key("listeners.lab.port", "2575", 4, is_default=False, variables=("PORT",)) == found["listeners.lab.port"]
    assert "https://${STORE}/x" == found["destinations.other.store.url"].value
    assert ("STORE",) == found["destinations.other.store.url"].variables


def test_no_secrets() -> None:
    """No value holds a secret; the path of a file that does is shown."""
    found = keys()
    assert "S3CRET" not in str(found)
    assert "/run/token" == found["destinations.other.store.credentials.token_file"].value
    assert "https://store.example/in?hidden" == found["destinations.store.url"].value
    assert "hidden" == found["destinations.store.headers.X-Key"].value


def test_shipped() -> None:
    """Every path of an example that is shipped is found again by its path in the file."""
    text = (ROOT / "deploy" / "hilum.example.yaml").read_text()
    document = read_yaml(text)
    found = {each.path for each in keys_below(parse(text), "", document)}
    scalars = {place for place, each in document.written.items() if each.text is not None and not place.endswith("]")}
    assert set() == {each for each in scalars if each not in found and not each.startswith("x-")}
