"""YAML to frozen settings, and every mistake with its path."""

from pathlib import Path
from typing import cast

import pytest

from adapters.mllp.settings import MllpListenerSettings
from gateway.admin.hosts import NO_NAME
from gateway.config.loading import load, located, noticed, parse
from gateway.contract.errors import ConfigError

GOOD = """
listeners:
  adt: {kind: mllp, port: 2575}
  modalities: {kind: dimse, port: 11112}
destinations:
  hl7-store: {kind: hl7v2_store, url: "http://127.0.0.1:1/s"}
  image-store: {kind: dicomweb, url: "http://127.0.0.1:1/d"}
routes:
  - {from: adt, to: hl7-store}
  - {from: modalities, to: image-store}
"""


def problems(text: str) -> tuple[str, ...]:
    """Return the mistakes that parsing *text* reports."""
    with pytest.raises(ConfigError) as caught:
        parse(text, {"SET": "value"})
    return caught.value.problems


def test_keyed_listeners() -> None:
    """Listeners whose identifiers are keyed are known by their names."""
    assert frozenset() == parse(GOOD).keyed_listeners
    assert {"adt"} == parse(GOOD.replace("port: 2575", "port: 2575, identifiers: keyed")).keyed_listeners


def test_defaults() -> None:
    """The defaults are those of the contract."""
    config = parse(GOOD)
    assert ("127.0.0.1", "relay") == (config.ports["adt"].host, config.listeners["adt"].acknowledge)
    assert ("127.0.0.1", 8080) == (config.admin.host, config.admin.port)
    assert (Path("/var/lib/hilum"), 30, 1) == (config.data_dir, config.drain_seconds, config.workers)
    assert config.routes[0].when == {}


def test_contract_example() -> None:
    """The configuration in the example that ships is right."""
    example = Path(__file__).parents[3] / "deploy" / "hilum.example.yaml"
    assert set(load(example, {"CREDENTIALS_DIRECTORY": "/run/credentials"}).listeners) == {"adt", "modalities"}


MISTAKES = {
    "an unknown key": (
        "port: 2575",
        "prot: 2575",
        "listeners.adt.prot: is not a known key; did you mean `port`?",
    ),
    "a missing key": ("port: 2575", "host: localhost", "listeners.adt.port: is missing; add it"),
    "an unknown kind": (
        "kind: mllp",
        "kind: mlp",
        (
            "listeners.adt.kind: 'mlp' is not known; did you mean `mllp`? "
            "Possible are mllp, dimse, http, pubsub, pubsub_dicom, pubsub_fhir"
        ),
    ),
    "no kind": ("{kind: mllp, port: 2575}", "{port: 2575}", "listeners.adt: has no kind; add `kind:`"),
    "a port out of range": ("2575", "99999", "listeners.adt.port: is too large; the most is 65535"),
    "workers": ("routes:", "workers: 0\nroutes:", "workers: is too small; the least is 1"),
    "a name of the admin port with a port": (
        "routes:",
        "admin: {hosts: [hilum.example:8443]}\nroutes:",
        f"admin.hosts[0]: 'hilum.example:8443' {NO_NAME}",
    ),
    "a route from nowhere": (
        "from: adt",
        "from: adtt",
        "routes[0].from: there is no listener 'adtt'; there is adt, modalities",
    ),
    "a route behind one that takes the same": (
        "{from: adt, to: hl7-store}",
        "{from: adt, to: hl7-store}\n  - {from: adt, to: hl7-store}",
        (
            "routes[1]: no message reaches it, because routes[0] takes the same messages; change the"
            " `when` of one of them, or"
            " remove one"
        ),
    ),
    "a pattern that matches nothing": (
        "{from: adt,",
        "{from: adt, when: {message_type: ADT},",
        (
            "routes[0].when.message_type: 'ADT' matches no message that has an event; write 'ADT^*' for"
            " every event, or 'ADT*'"
            " to take messages without an event too"
        ),
    ),
    "a route to nowhere": (
        "to: hl7-store",
        "to: store",
        "routes[0].to: there is no destination 'store'; there is hl7-store, image-store",
    ),
    "a route to the wrong kind": (
        "to: hl7-store",
        "to: image-store",
        "routes[0].to: a dicomweb destination cannot take what a mllp listener receives",
    ),
    "several destinations of a relay": (
        "to: image-store",
        "to: [image-store, other]",
        "routes[1].to: several destinations need `acknowledge: commit` at listeners.modalities",
    ),
    "a destination twice": (
        "to: hl7-store",
        "to: [hl7-store, hl7-store]",
        "routes[0].to: must name at least one destination, and none twice",
    ),
    "another protocol's fact": (
        "{from: adt,",
        "{from: adt, when: {sop_class_uid: x},",
        "routes[0].when.sop_class_uid: a mllp listener has no such fact",
    ),
    "two listeners on one port": (
        "11112",
        "2575",
        "listeners.modalities.port: 2575 is already the port of listeners.adt; choose another",
    ),
    "an unset variable": (
        "http://127.0.0.1:1/s",
        "${UNSET}",
        "destinations.hl7-store.url: the environment has no UNSET; set it or write the value here",
    ),
    "credentials in an address": (
        "http://127.0.0.1:1/s",
        "http://u:p@127.0.0.1:1/s",
        "destinations.hl7-store.url: must not contain credentials; use the key credentials",
    ),
    "a list where a mapping belongs": (
        "{kind: mllp, port: 2575}",
        "[1]",
        "listeners.adt: must be a mapping (`key: value`), not a list; give each entry a key in place of `- `",
    ),
}


@pytest.mark.parametrize(("right", "wrong", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_mistake(right: str, wrong: str, expected: str) -> None:
    """A mistake is reported with its path as written, the reason and the mend."""
    assert right in GOOD
    assert expected in problems(GOOD.replace(right, wrong, 1))


def test_commit_mode() -> None:
    """A listener that commits may have several destinations."""
    text = GOOD.replace("port: 11112", "port: 11112, acknowledge: commit")
    text = text.replace("to: image-store", "to: [image-store, other]")
    text = text.replace("destinations:", 'destinations:\n  other: {kind: dicomweb, url: "http://127.0.0.1:1/o"}')
    assert ("image-store", "other") == parse(text).routes[1].destinations


def test_every_mistake_at_once() -> None:
    """Mistakes in different places are all reported, not only the first."""
    text = GOOD.replace("port: 2575", "prot: 2575").replace("to: image-store", "to: nowhere")
    found = problems(text + "colour: blue\n")
    assert 3 == len(found), found


TEXTS = {
    "not YAML": ("listeners: [", "line 1, column 13: is not valid YAML: "),
    "a key twice": (GOOD + "routes: []\n", "routes: this key is given twice, first in line 8; remove one"),
    "nothing": ("", "line 1, column 1: is empty; it must be a YAML mapping with listeners, destinations and routes"),
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS)
def test_text(text: str, expected: str) -> None:
    """Text that is no usable YAML is reported with its place."""
    assert problems(text)[0].startswith(expected)


def test_environment() -> None:
    """``${NAME}`` is taken from the environment."""
    config = parse(GOOD.replace("127.0.0.1:1/s", "${HOST}/s"), {"HOST": "store.example"})
    assert vars(config.destinations["hl7-store"])["url"] == "http://store.example/s"


def test_unreadable_file(tmp_path: Path) -> None:
    """A file that cannot be read is named with the reason."""
    with pytest.raises(ConfigError, match="cannot be read: No such file or directory; name a readable YAML file"):
        load(tmp_path / "absent.yaml")


def test_peers() -> None:
    """Peers are told apart by network and title; a mistake among them is named by its path."""
    peers = "port: 2575, peers: {lab: {networks: [10.0.0.0/8], charset: 8859/1}}"
    text = GOOD.replace("port: 2575", peers)
    assert ["lab"] == list(cast("MllpListenerSettings", parse(text).listeners["adt"]).peers)
    text = text.replace("10.0.0.0/8", "").replace("charset: 8859/1", "port: 1")
    assert ("listeners.adt.peers.lab.networks: is empty; add at least one",) == problems(text)[:1]
    homes = "`listeners.NAME` or `destinations.NAME` or `admin`"
    assert (f"listeners.adt.peers.lab.port: is not a known key here; it belongs to {homes}",) == problems(text)[1:]


def test_wrong_name_of_a_header() -> None:
    """A key that is wrong itself is named as it was written, without pydantic's word for it."""
    (problem,) = problems(GOOD.replace('1:1/s"', '1:1/s", headers: {Host: x}'))
    assert problem.startswith("destinations.hl7-store.headers.Host: is set by Hilum")


LATER = {
    "of a listener": ("listeners.adt: cannot bind", ":3:3: listeners.adt: cannot bind"),
    "of a key that is not given": ("listeners.adt.host: x", ":3:3: listeners.adt.host: x"),
    "of a section that is not given": ("admin: cannot bind", None),
    "of an option": ("--route 9: there is no such route", None),
    "located before": ("{path}:1:2: listeners: x", None),
}


@pytest.mark.parametrize(("problem", "expected"), LATER.values(), ids=LATER)
def test_located(problem: str, expected: str | None, tmp_path: Path) -> None:
    """Problems found after loading have their place in the file; problems outside the file have none."""
    path = tmp_path / "listeners.yaml"
    path.write_text(GOOD)
    problem = problem.format(path=path)
    assert [problem if expected is None else f"{path}{expected}"] == located(path, [problem])
    assert [problem] == located(tmp_path / "gone.yaml", [problem])


def test_noticed(tmp_path: Path) -> None:
    """A notice has its place in the file where it is about a part that stands there."""
    path = tmp_path / "hilum.yaml"
    path.write_text(GOOD)
    expected = [f"{path}:6:3: notice: destinations.hl7-store: x", f"{path}: notice: spool: y"]
    assert expected == noticed(path, ["destinations.hl7-store: x", "spool: y"])


def test_a_missing_variable_is_one_mistake() -> None:
    """Consequences of a mistake are not reported, neither for the value itself nor for what refers to it."""
    text = GOOD.replace("from: adt", 'from: "${UNSET}"')
    assert ("routes[0].from: the environment has no UNSET; set it or write the value here",) == problems(text)
