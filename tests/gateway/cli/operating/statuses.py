"""Statuses as the admin port sends them, written by hand, and an admin port that sends what it is told."""

import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

from gateway.contract.observed import Case, Status, Verb

PATH = "/api/v1/status"
TOKEN = "0123456789abcdef0123456789abcdef"
TLS = ", tls: {certificate_file: '${CREDENTIALS}/c', key_file: '${CREDENTIALS}/k'}"
NOW = 1764382860.0
"""2025-11-29 02:21 UTC."""


def case(**changed: Any) -> Case:
    """Return the case of a store that is down."""
    retry: Verb = {"name": "retry", "label": "Retry", "helps": True, "target": {"destination": "image-store"}}
    found: dict[str, Any] = {
        "id": "1f",
        "state": "stopped",
        "level": "red",
        "cause": "connection_refused",
        "subject_kind": "destination",
        "subject": "image-store",
        "since": NOW - 840,
        "side": "store",
        "title": "Images do not reach image-store",
        "why": "Nothing listens at 10.20.0.8:8042: its host answers, the service is down.",
        "proof": "37 tries, the last at 2025-11-29T02:20:30Z",
        "effect": "412 instances of CT1, CT2 and MR1 wait here, safe; room for 9 h.",
        "now": "Hilum delivers by itself when it is back.",
        "contact": "PACS on-call, 4411",
        "verbs": [retry],
    }
    return cast("Case", {**found, **changed})


def rejected(**changed: Any) -> Case:
    """Return the case of a modality that calls a wrong AE title."""
    found: dict[str, Any] = {
        "state": "rejected",
        "level": "amber",
        "cause": "called_ae_title",
        "subject_kind": "peer",
        "subject": "MR3",
        "since": NOW - 3060,
        "side": "peer",
        "title": "It calls AE title HILUM1; this listener is HILUM.",
        "why": "",
        "proof": "9 times",
        "effect": "",
        "now": "On MR3 set the AE title to HILUM.",
        "contact": "",
        "verbs": [],
    }
    return case(**{**found, **changed})


def status(*cases: Case, **changed: Any) -> Status:
    """Return a status with these cases."""
    found: dict[str, Any] = {
        "at": NOW,
        "gateway": "gw-1",
        "version": "0.1.0",
        "sentence": "Images do not reach image-store. One peer needs a look." if cases else "All is as usual.",
        "counts": "412 wait, all safe; none is lost." if cases else "",
        "level": cases[0]["level"] if cases else "green",
        "needs_somebody": bool(cases),
        "cases": list(cases),
        "destinations": [],
        "peers": [],
        "usual_destinations": 2,
        "usual_peers": 14,
    }
    return cast("Status", {**found, **changed})


class Admin:
    """What the admin port of the test answers, and what it was asked."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.code = 200
        self.bodies: dict[str, object] = {}
        self.asked: list[tuple[str, Mapping[str, str]]] = []


@contextmanager
def admin_port(tls: ssl.SSLContext | None = None) -> Iterator[Admin]:
    """Serve, in a thread, what ``bodies`` has for a path: bytes as they are, everything else as JSON."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            admin.asked.append((self.path, dict(self.headers)))
            body = admin.bodies.get(self.path.partition("?")[0], {"error": "unknown"})
            octets = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(admin.code)
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # a client that hangs up in its handshake

    with Server(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        admin = Admin(server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield admin
        finally:
            server.shutdown()
            thread.join()


def configuration(tmp_path: Path, port: int, more: str = "") -> str:
    """Write a configuration whose other parts need secrets that are not there; return its path."""
    path = tmp_path / "hilum.yaml"
    path.write_text(
        'listeners: {lab: {kind: mllp, port: "${LAB_PORT}"}}\n'
        'destinations: {pacs: {kind: http, url: "${SECRET_URL}"}}\n'
        f"routes: [{{from: lab, to: pacs}}]\ndata_dir: {tmp_path}\nadmin: {{port: {port}{more}}}\n"
    )
    return str(path)
