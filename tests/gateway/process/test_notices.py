"""Notices about a valid configuration."""

from pathlib import Path

import pytest

from adapters.rest.kinds import IN_THE_CLEAR, OVERWRITES_NOTHING
from gateway.config import loading as config
from gateway.process import notices
from gateway.process.notices import (
    BY_ADDRESS,
    BY_CONNECTION,
    NAMES_IN_THE_CLEAR,
    NOT_POSSIBLE,
    NOT_SPECIAL,
    ONE_LABEL,
    UNNAMED,
    UNREAD,
)
from tests.gateway.cli.pipelining.pipelines import configuration
from tests.running import relay

HTTP, STOW = 'kind: http, url: "http://127.0.0.1:1/"', 'kind: dicomweb, url: "http://127.0.0.1:1/"'
MLLP, DIMSE = "kind: mllp, port: 0, acknowledge: commit", "kind: dimse, port: 0, acknowledge: commit"

REPETITIONS = {
    "one worker": (1, MLLP, HTTP, True, None),
    "relay": (2, "kind: mllp, port: 0", HTTP, True, None),
    "HL7": (2, MLLP, HTTP, True, BY_ADDRESS),
    "DICOM": (2, DIMSE, STOW, True, BY_ADDRESS),
    "by connection": (2, f"{MLLP}, spread: connection", HTTP, True, BY_CONNECTION),
    "kernel refuses": (2, MLLP, HTTP, False, NOT_POSSIBLE),
    "nothing is recognised": (2, f"{MLLP}, duplicate_window: 0", HTTP, True, None),
}
"""Workers, listener, destination, whether the kernel lets us choose the worker, and the notice."""


@pytest.mark.parametrize(("workers", "listener", "store", "possible", "said"), REPETITIONS.values(), ids=REPETITIONS)
def test_reach_of_recognition(
    workers: int, listener: str, store: str, possible: bool, said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With several workers, each listener gets a notice when a message that is sent again may be delivered twice."""
    monkeypatch.setattr(notices, "is_possible", lambda: possible)
    found = list(notices.notices(config.parse(f"{relay(listener, store)}workers: {workers}\n")))
    assert [f"listeners.in.spread: {said}"] * (said is not None) == found


TLS = "certificate_file: c, key_file: k, client_ca_file: a, client_auth: required, client_names"


@pytest.mark.parametrize(("name", "said"), [("ct-1", True), ("ct-1.example", False), ("cn:CT-1", False)])
def test_a_name_of_one_label(name: str, said: bool) -> None:
    """A bare name without a dot gets the notice that it is a DNS name: earlier it could also match a common name."""
    text = relay(f"kind: mllp, port: 0, tls: {{{TLS}: ['{name}']}}", HTTP)
    expected = f"listeners.in.tls.client_names: {ONE_LABEL.format(name=name)}"
    assert [expected] * said == list(notices.notices(config.parse(text)))


OVERWRITE = f"{STOW}, on_conflict: overwrite"
RELAYING, COMMITTING = "kind: dimse, port: 0", DIMSE

REPLACEMENT = {
    "relayed": (RELAYING, OVERWRITE, True),
    "committed": (COMMITTING, OVERWRITE, False),
    "relayed, refusing": (RELAYING, f"{STOW}, on_conflict: refuse", False),
    "relayed, by default": (RELAYING, STOW, False),
}
"""Listener, destination, and whether there is a notice that nothing is replaced."""


@pytest.mark.parametrize(("listener", "store", "said"), REPLACEMENT.values(), ids=REPLACEMENT)
def test_overwrite_in_relay(listener: str, store: str, said: bool) -> None:
    """Each destination that should replace gets the notice that a relayed instance replaces nothing."""
    expected = f"destinations.out.on_conflict: {OVERWRITES_NOTHING.format(listener='in')}"
    assert [expected] * said == list(notices.notices(config.parse(relay(listener, store))))


def test_overwrite_from_two_listeners() -> None:
    """The notice names each listener that relays once, whatever the number of its routes, and no other listener."""
    text = f"""
listeners: {{spooled: {{{COMMITTING}}}, ward: {{{RELAYING}, called_ae_titles: [A, B]}}, ct: {{{RELAYING}}}}}
destinations: {{out: {{{OVERWRITE}}}}}
routes:
  - {{from: spooled, to: [out]}}
  - {{from: ward, when: {{called_ae_title: A}}, to: out}}
  - {{from: ward, to: out}}
  - {{from: ct, to: out}}
"""
    expected = [f"destinations.out.on_conflict: {OVERWRITES_NOTHING.format(listener=name)}" for name in ("ct", "ward")]
    assert expected == list(notices.notices(config.parse(text)))


CLEAR = {
    "a store elsewhere": ('kind: http, url: "http://engine.example:81/hl7"', "engine.example:81"),
    "DICOMweb": ('kind: dicomweb, url: "http://10.0.0.1/"', "10.0.0.1"),
    "with a query": ('kind: http, url: "http://engine.example/?k=secret", allow_cleartext: true', "engine.example"),
    "this machine": (HTTP, None),
    "with TLS": ('kind: http, url: "https://engine.example/"', None),
    "with TLS, through a proxy": ('kind: http, url: "https://e.example/", proxy: {url: "http://p.example:3128"}', None),
    "this machine, through a proxy": (f'{HTTP}, proxy: {{url: "http://p.example:3128"}}', "p.example:3128"),
}
"""Destination, and the host to which patients' data goes in the clear according to the notice."""


@pytest.mark.parametrize(("store", "host"), CLEAR.values(), ids=CLEAR)
def test_data_in_the_clear(store: str, host: str | None) -> None:
    """Each store to which data goes in the clear gets the notice that others can read it, without the URL's query."""
    listener = RELAYING if "dicomweb" in store else "kind: mllp, port: 0"
    expected = [] if host is None else [f"destinations.out.url: {IN_THE_CLEAR.format(host=host)}"]
    assert expected == list(notices.notices(config.parse(relay(listener, store))))


def test_outside_of_all_routes() -> None:
    """A listener that no route reads and a destination that no route names get notices; the configuration is valid."""
    text = relay("kind: mllp, port: 0", HTTP)
    text = text.replace("listeners: {", "listeners: {lab: {kind: mllp, port: 0}, ")
    text = text.replace("destinations: {", f"destinations: {{old: {{{HTTP}}}, ")
    expected = [f"listeners.lab: {UNREAD.format(name='lab')}", f"destinations.old: {UNNAMED}"]
    assert expected == list(notices.notices(config.parse(text)))


def test_patterns_of_file_names() -> None:
    """A question mark or a bracket gets the notice that it matches only itself: earlier it was a wildcard."""
    when = "when: {calling_ae_title: [CT1, 'CT?'], SeriesDescription: '[MPR]*'}, "
    text = relay(RELAYING, STOW).replace("to: out", f"{when}to: out")
    expected = [
        f"routes[0].when.calling_ae_title: {NOT_SPECIAL.format(pattern='CT?')}",
        f"routes[0].when.SeriesDescription: {NOT_SPECIAL.format(pattern='[MPR]*')}",
    ]
    assert expected == list(notices.notices(config.parse(text)))


def test_report_of_a_step(tmp_path: Path) -> None:
    """A step's own notices are told with its name."""
    (tmp_path / "google.json").write_text('{"dicom": {"skipIdRedaction": true}}')
    step = f"{{kind: deidentify, key_file: k, google_config_file: '{tmp_path / 'google.json'}'}}"
    found = list(notices.notices(config.parse(f"{relay(MLLP, HTTP)}steps: {{anonymous: {step}}}\n")))
    assert [
        each for each in found if each.startswith("steps.anonymous.google_config_file: dicom.skipIdRedaction: UIDs")
    ]


@pytest.mark.parametrize(("url", "said"), [("http://pubsub.example", True), ("https://pubsub.example", False)])
def test_names_of_objects_in_the_clear(tmp_path: Path, url: str, said: bool) -> None:
    """Notifications of buckets that come in the clear get a notice; the pipeline's other settings have none."""
    text = Path(configuration(tmp_path)).read_text()
    told = f"  notifications: {{subscription: projects/p/subscriptions/s, pubsub_url: '{url}'}}\n"
    found = list(notices.notices(config.parse(relay("kind: mllp, port: 0", HTTP) + text + told)))
    expected = f"pipeline.notifications.pubsub_url: {NAMES_IN_THE_CLEAR.format(host='pubsub.example')}"
    assert [expected] * said == [each for each in found if each.startswith("pipeline.")]
