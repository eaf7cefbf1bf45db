"""What the log says at a start before anything is open."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway import __version__
from gateway.config import loading as config
from gateway.contract.errors import ConfigError
from gateway.process.announcing import WRITE_IT, announce, announce_failure, missing_secrets

TEXT = """
listeners: {in: {kind: mllp, port: 0, acknowledge: commit}}
destinations:
  out:
    {kind: hl7v2_store, url: "http://127.0.0.1:1/", credentials: {kind: bearer, token_file: FOLDER/token},
    header_files: {X-Key: FOLDER/api}, proxy: {url: "http://127.0.0.1:1", username: u, password_file: FOLDER/proxy}}
  archive: {kind: http, url: "http://127.0.0.1:1/"}
routes: [{from: in, when: {message_type: "ADT^*"}, to: [out, archive]}, {from: in, to: archive}]
data_dir: FOLDER/data
"""


@pytest.fixture
def settings(tmp_path: Path) -> config.Config:
    """Return a configuration with secrets in *tmp_path*."""
    return config.parse(TEXT.replace("FOLDER", str(tmp_path)))


def test_what_is_started(settings: config.Config, tmp_path: Path) -> None:
    """Version, configuration file and data folder are logged in one line, each route in another."""
    for name in ("token", "api", "proxy"):
        (tmp_path / name).write_text("a secret")
    with capture_logs() as logs:
        announce(settings, Path("/etc/hilum.yaml"))
    starting = {"version": __version__, "configuration": "/etc/hilum.yaml", "workers": 1}
    route = {"event": "route_configured", "log_level": "info", "listener": "in", "acknowledge": "commit", "via": []}
    assert [
        {"event": "gateway_starting", "log_level": "info", "data_dir": str(settings.data_dir), **starting},
        {**route, "route": 0, "when": {"message_type": "ADT^*"}, "destinations": ["out", "archive"]},
        {**route, "route": 1, "when": {}, "destinations": ["archive"]},
    ] == logs


def test_missing_secrets(settings: config.Config, tmp_path: Path) -> None:
    """A secret that cannot be used is reported with its key, its file and the problem."""
    (tmp_path / "api").touch()
    (tmp_path / "proxy").write_bytes(b"\xff")
    assert [
        ("destinations.out.header_files.X-Key", tmp_path / "api", "the file is empty"),
        ("destinations.out.proxy.password_file", tmp_path / "proxy", "the file is too long, or is not text in UTF-8"),
        (
            "destinations.out.credentials.token_file",
            tmp_path / "token",
            "the file cannot be read: No such file or directory",
        ),
    ] == sorted(missing_secrets(settings), key=lambda each: each[1])


def test_missing_secrets_are_errors(settings: config.Config, tmp_path: Path) -> None:
    """Each missing secret is logged as an error with its remedy, and the start goes on: it may be written later."""
    for name in ("api", "proxy"):
        (tmp_path / name).write_text("a secret")
    with capture_logs() as logs:
        announce(settings, tmp_path / "hilum.yaml")
    (line,) = [line for line in logs if line["event"] == "secret_missing"]
    assert ("error", str(tmp_path / "token"), WRITE_IT) == (line["log_level"], line["path"], line["mend"])


def test_failure() -> None:
    """Each reason why the gateway does not start is logged in its own line."""
    with capture_logs() as logs:
        announce_failure(ConfigError("routes[0].to: there is none", "admin.port: is taken"))
    expected = {"event": "gateway_not_started", "log_level": "critical"}
    assert [
        {**expected, "reason": "routes[0].to: there is none"},
        {**expected, "reason": "admin.port: is taken"},
    ] == logs


def test_secrets_of_a_listener(tmp_path: Path) -> None:
    """The secrets of a listener that fetches are looked for, too."""
    store = "http://127.0.0.1:1/v1/projects/p/locations/l/datasets/d/hl7V2Stores/s"
    text = f"""
listeners: {{in: {{kind: pubsub, subscription: projects/p/subscriptions/results, store: "{store}",
  pubsub_url: "http://127.0.0.1:1", credentials: {{kind: bearer, token_file: {tmp_path}/token}}}}}}
destinations: {{out: {{kind: http, url: "http://127.0.0.1:1/"}}}}
routes: [{{from: in, to: out}}]
data_dir: {tmp_path}/data
"""
    found = [place for place, _, _ in missing_secrets(config.parse(text))]
    assert ["listeners.in.credentials.token_file"] == found
