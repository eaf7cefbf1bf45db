"""`hilum schema` and `hilum check` agree: an editor shows what `check` would say, and nothing else."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.config.loading import Config, parse
from gateway.config.schema import DIALECT, IDENTIFIER, json_schema
from gateway.config.yaml_text import fill_in
from gateway.contract.errors import ConfigError
from gateway.contract.scalars import Unquoted

ROOT = Path(__file__).parents[3]
SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
ENVIRONMENT = {"NUMBER": "2575", "FLAG": "true", "TEXT": "commit", "CREDENTIALS_DIRECTORY": "/run/credentials"}

RICH = """
x-limits: &limits {idle_seconds: 60, max_connections: 10, anything: [1]}
listeners:
  adt:
    kind: mllp
    port: 2575
    host: 127.0.0.1
    acknowledge: commit
    mllp_release: 2
    order_by: patient
    duplicate_window: 3600
    allow_networks: [10.0.0.0/8]
    answers: {refused: AR}
    tls: {certificate_file: c, key_file: k, client_auth: required, client_ca_file: a, client_names: [ct-1.example]}
    peers: {lab: {networks: [10.1.0.0/16], charset: 8859/1, messages_per_second: 2.5}}
  modalities:
    kind: dimse
    port: 11112
    ae_title: HILUM
    calling_ae_titles: [CT1]
    sop_classes: [1.2.840.10008.5.1.4.1.1.2]
    peers: {ct: {calling_ae_titles: [CT1], window_bytes: 65536}}
destinations:
  hl7-store:
    kind: http
    url: https://store.example/hl7
    credentials: {kind: oauth2_client_credentials, token_url: "https://i.example", client_id: c, client_secret_file: s}
    headers: {X-Site: north}
    header_files: {X-Key: key}
    answers: {HTTP 409: final, MSA-1 AR: busy}
    proxy: {url: "http://proxy.example:3128"}
    content_type: application/hl7-v2
    max_own_failures: null
  image-store:
    kind: dicomweb
    url: http://127.0.0.1:8042/dicom-web
    batch: {instances: 10, wait_ms: 5}
    accept_empty: true
steps:
  tidy: {kind: edit_hl7v2, set: {PID-8: U}, remove: [PID-19], copy: {PV1-19: PID-18}, map: {PV1-2: {values: {A: B}}}}
  look: {kind: validate_hl7v2, version: "2.5", checks: {tables: false}}
  plain: {kind: edit_dicom, set: {PatientID: "1", InstanceNumber: 3}, remove: [PatientName]}
routes:
  - {from: adt, via: [tidy, look], to: [hl7-store], when: {message_type: ["ADT^*"], peer_ip: 10.0.0.1}, within: 20}
  - {from: modalities, via: [plain], to: image-store, attempts: 2}
admin: {host: 127.0.0.1, port: 8080, hosts: [hilum.example]}
spool: {max_bytes: 1000000, retention_days: 7}
audit: {file: audit.jsonl, syslog: {host: log.example, transport: tcp, port: 601}}
workers: 2
drain_seconds: 5
"""
EXAMPLES: list[Any] = [
    yaml.safe_load(RICH),
    yaml.safe_load((ROOT / "deploy" / "hilum.example.yaml").read_text()),
]
VALUES: list[Any] = [
    *(None, [], {}, "", "x", -1, 0, 1, 2, 2.5, 1e300, 10**30, True, False, "yes", "2575", ["x"], [[]], {"x": "y"}),
    *(
        "${NUMBER}",
        "${FLAG}",
        "${TEXT}",
        "a${TEXT}",
        "commit",
        "none",
        "direct",
        "peer",
        "10.0.0.0/8",
        "http://s.example/",
    ),
    *("mllp", "dimse", "http", "basic", {"kind": "mllp", "port": 1}, {"kind": "none"}, "A" * 70, "1.2.3", "a b", "a:b"),
]
KEYS = ["x-more", "colour", "kind", "port", "host", "url", "tls", "peers", "headers", "batch", "when", "via", "workers"]

Change = tuple[tuple[str | int, ...], Any]
BEYOND: dict[str, tuple[Change, str]] = {
    "a name that must exist": ((("routes", 0, "from"), "nobody"), "routes[0].from: there is no listener"),
    "a port that is taken": (
        (("listeners", "modalities", "port"), 2575),
        "listeners.modalities.port: 2575 is",
    ),
    "what a destination takes": ((("routes", 0, "to"), "image-store"), "routes[0].to: a dicomweb destination cannot"),
    "keys that belong together": (
        (("destinations", "image-store", "tls"), {"certificate_file": "c"}),
        "destinations.image-store.tls: certificate_file and key_file belong together",
    ),
    "a network": (
        (("listeners", "adt", "allow_networks"), ["10.0.0.5/8"]),
        "listeners.adt.allow_networks[0]: is an",
    ),
    "an address": (
        (("destinations", "image-store", "url"), "ftp://x"),
        "destinations.image-store.url: must begin",
    ),
    "a name of a host": ((("admin", "hosts"), ["*"]), "admin.hosts[0]: '*' is not a host name"),
    "a name of a certificate": (
        (("listeners", "adt", "tls", "client_names"), ["*"]),
        "listeners.adt.tls.client_names",
    ),
    "a fact": ((("routes", 0, "when"), {"colour": "x"}), "routes[0].when.colour: is neither a fact nor a field"),
    "a path of a step": ((("steps", "tidy", "remove"), ["nowhere"]), "steps.tidy.remove[0]: "),
    "a header": ((("destinations", "hl7-store", "headers"), {"Host": "x"}), "destinations.hl7-store.headers.Host: "),
    "a row of answers": (
        (("destinations", "hl7-store", "answers"), {"x": "busy"}),
        "destinations.hl7-store.answers.x",
    ),
    "a character set": ((("listeners", "adt", "charset"), "KLINGON"), "listeners.adt.charset: is not a character set"),
    "a file that is read": ((("steps", "look", "profile"), "/absent"), "steps.look.profile: "),
    "the value of a variable": (
        (("listeners", "adt", "port"), "${TEXT}"),
        "listeners.adt.port: must be a whole",
    ),
}
"""What a schema cannot say: an example of each sort, and how `check` begins to tell it."""


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value."""
    yield path
    below = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, each in below:
        yield from places(each, (*path, key))


def mutate(draw: st.DrawFn, data: Any) -> None:
    """Change one value of *data*: another one, none, or one more."""
    *way, last = draw(st.sampled_from([each for each in places(data) if each]))
    parent = data
    for step in way:
        parent = parent[step]
    action = draw(st.sampled_from(["replace", "replace", "remove", "add", "wrap", "swap"]))
    if action == "remove":
        del parent[last]
    elif action == "wrap":
        parent[last] = [parent[last]]
    elif action == "add" and isinstance(parent[last], dict):
        parent[last][draw(st.sampled_from(KEYS))] = copy.deepcopy(draw(st.sampled_from(VALUES)))
    elif action == "swap" and isinstance(parent, dict):
        parent[draw(st.sampled_from([*map(str, parent), *KEYS]))] = parent.pop(last)
    else:
        parent[last] = copy.deepcopy(draw(st.sampled_from(VALUES)))


@st.composite
def configurations(draw: st.DrawFn) -> Any:
    """Return an example with up to three changes."""
    data = copy.deepcopy(draw(st.sampled_from(EXAMPLES)))
    for _ in range(draw(st.integers(0, 3))):
        mutate(draw, data)
    return data


def mistakes(data: Any) -> tuple[str, ...]:
    """Return what `hilum check` says of *data*."""
    try:
        parse(yaml.safe_dump(data), ENVIRONMENT)
    except ConfigError as error:
        return error.problems
    return ()


@pytest.mark.parametrize("data", EXAMPLES, ids=["rich", "deployed"])
def test_right(data: Any) -> None:
    """Both take the examples."""
    assert () == mistakes(data)
    assert [] == [each.message for each in VALIDATOR.iter_errors(data)]


def test_is_a_schema() -> None:
    """It is one itself, and says of which dialect, and which."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert (DIALECT, IDENTIFIER) == (SCHEMA["$schema"], SCHEMA["$id"])


def sorts(data: Any) -> set[str]:
    """Return pydantic's words for what is wrong with the single values, without those of variables."""
    raw = {key: each for key, each in data.items() if not key.startswith("x-")}
    try:
        Config.model_validate(fill_in(raw, ENVIRONMENT, {}))
    except ValidationError as error:
        # A list whose entry is wrong counts as too short for pydantic, too.
        ends = [each["loc"] for each in error.errors()]
        found = [each for each in error.errors() if not any(_is_below(loc, each["loc"]) for loc in ends)]
        return {each["type"] for each in found if not _is_variable(each["input"])}
    return set()


def _is_below(loc: tuple[Any, ...], above: tuple[Any, ...]) -> bool:
    return len(loc) > len(above) and loc[: len(above)] == above


def _is_variable(value: Any) -> bool:
    value = value.get("kind") if isinstance(value, dict) else value
    return isinstance(value, Unquoted) or value == int(ENVIRONMENT["NUMBER"])


@settings(max_examples=300, deadline=None)
@given(configurations())
def test_agreement(data: Any) -> None:
    """What `check` takes the schema takes; what the schema takes, `check` takes but for what no schema can say."""
    if not mistakes(data):
        assert [] == [each.message for each in VALIDATOR.iter_errors(data)]
    elif VALIDATOR.is_valid(data):
        assert sorts(data) <= {"value_error"}, mistakes(data)


@pytest.mark.parametrize(("change", "said"), BEYOND.values(), ids=BEYOND)
def test_what_a_schema_cannot_say(change: Change, said: str) -> None:
    """Of these sorts the schema says nothing, and `check` tells them."""
    data = copy.deepcopy(EXAMPLES[0])
    (*way, last), value = change
    parent = data
    for step in way:
        parent = parent[step]
    parent[last] = value
    assert any(each.startswith(said) for each in mistakes(data)), mistakes(data)
    assert VALIDATOR.is_valid(data)


VARIABLES = {
    "a number": ("listeners", "adt", "port", "${NUMBER}"),
    "a truth value": ("destinations", "image-store", "accept_empty", "${FLAG}"),
    "one of some words": ("listeners", "adt", "acknowledge", "${TEXT}"),
    "a part of a text": ("listeners", "modalities", "ae_title", "A${NUMBER}"),
    "a network": ("listeners", "adt", "allow_networks", ["${NETWORK}"]),
}


@pytest.mark.parametrize(("section", "name", "key", "value"), VARIABLES.values(), ids=VARIABLES)
def test_environment(section: str, name: str, key: str, value: Any) -> None:
    """Where `check` takes a value out of the environment, the schema takes the variable."""
    data = copy.deepcopy(EXAMPLES[0])
    data[section][name][key] = value
    parse(yaml.safe_dump(data), {**ENVIRONMENT, "NETWORK": "10.0.0.0/8"})
    assert [] == [each.message for each in VALIDATOR.iter_errors(data)]


REFUSED: dict[str, tuple[str, str, str, Any]] = {
    "a truth value for a number": ("listeners", "adt", "port", True),
    "a number in quotes": ("listeners", "adt", "port", "2575"),
    "no host": ("listeners", "adt", "host", ""),
    "a listener without a kind": ("listeners", "modalities", "kind", None),
    "an absurd number": ("listeners", "adt", "idle_seconds", 10**30),
    "another name": ("listeners", "a b", "port", 1),
    "no file": ("listeners", "adt", "tls", {"certificate_file": "", "key_file": ""}),
}


@pytest.mark.parametrize(("section", "name", "key", "value"), REFUSED.values(), ids=REFUSED)
def test_refused(section: str, name: str, key: str, value: Any) -> None:
    """What was taken by one of the two only is refused by both."""
    data = copy.deepcopy(EXAMPLES[0])
    data[section].setdefault(name, {"kind": "mllp"})[key] = value
    if value is None:
        del data[section][name][key]
    assert mistakes(data)
    assert not VALIDATOR.is_valid(data)


def test_every_key_is_described() -> None:
    """The schema that `hilum schema` prints says of every key what it means."""
    groups = {"": SCHEMA, **SCHEMA["$defs"]}
    assert len(groups) > 50
    keys = [(name, key, each) for name, group in groups.items() for key, each in group.get("properties", {}).items()]
    assert [] == [(name, key) for name, key, each in keys if not each.get("description")]
