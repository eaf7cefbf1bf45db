"""Nothing that identifies a patient leaves the process on the way to a FHIR store, but towards the store and the peer.

A daemon takes FHIR over HTTP, and converts HL7v2 in both modes, for stores that take it, refuse it, do not answer, and
quote it in every place where a FHIR store can say something. Some requests are hostile. Searched is all that the daemon
says: its log at debug, the metrics, the admin port's answers, and what ``hilum spool`` prints.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from adapters.http.serving.body import BodyReader
from adapters.http.serving.report import Report
from adapters.rest.fhir.store import FhirStore
from gateway.admin.server import serve_admin
from gateway.sandbox.server import Sandbox
from gateway.telemetry import log
from gateway.telemetry.faults import handle_in_loop
from tests.adapters.http.fakes import SECONDS, ask, raw, request
from tests.gateway.sandbox.fhir.fhir_client import entry
from tests.phi.canaries import BIRTH_DATE, CANARY, canary_adt, canary_json, canary_patient
from tests.phi.daemon import Daemon, refuse
from tests.phi.finder import hl7_values, leaks
from tests.phi.test_phi import everything_said, send_block
from tests.processes import serving
from tests.running import relay, running_gateway

WORD = re.compile(rf"{CANARY}\w*")
TOKEN = f"{CANARY}TOKEN0123456789"
PATIENT = canary_json()
JSON_TYPE = "application/fhir+json"


def outcome_of(word: str) -> dict[str, Any]:
    """Return an OperationOutcome that quotes *word* wherever it can."""
    return {
        "resourceType": "OperationOutcome",
        "id": word,
        "text": {"status": "generated", "div": f"<div>{word}</div>"},
        "issue": [
            {
                "severity": "error",
                "code": code,
                "details": {"text": f"Invalid value '{word}' in {word}", "coding": [{"code": word, "display": word}]},
                "diagnostics": f"{word} is unknown; the patient {word} cannot be found, because {word}",
                "expression": [f"Patient.{word}", f"{word}.name", f"Patient.name.where(family='{word}')"],
                "location": [f"/f:Patient/{word}"],
            }
            for code in ("invalid", word)
        ],
    }


def quoted(text: str) -> str:
    """Return a word of a request that it would be wrong to repeat."""
    words = [found[0] for found in WORD.finditer(text)]
    return words[-1] if words else f"{CANARY}NOTHING"


async def _word_of(request: web.Request) -> str:
    return quoted(request.raw_path + (await request.read()).decode("latin-1"))


async def answer_outcome(request: web.Request) -> web.Response:
    """Refuse, and say why."""
    body = json.dumps(outcome_of(await _word_of(request)))
    return web.Response(status=422, text=body, content_type=JSON_TYPE)


async def answer_entries(request: web.Request) -> web.Response:
    """Take a bundle, and refuse each of its entries; find nothing."""
    word, body = await _word_of(request), await request.read()
    if request.method == "GET":
        return web.json_response({"resourceType": "Bundle", "type": "searchset", "id": word})
    sent = json.loads(body) if body.startswith(b"{") else {}
    count = len(sent.get("entry", ())) if sent.get("resourceType") == "Bundle" else 0
    said = {"status": f"422 {word}", "location": f"{word}/{word}", "etag": word, "outcome": outcome_of(word)}
    entries = [{"response": said, "fullUrl": word}] * count
    headers = {"Location": f"http://store/{word}", "ETag": word}
    return web.json_response({"resourceType": "Bundle", "type": "batch-response", "entry": entries}, headers=headers)


async def answer_rubbish(request: web.Request) -> web.Response:
    """Answer with what is no answer: a resource that has the patient's words in place of its own."""
    word = await _word_of(request)
    resource = {"resourceType": "Patient", "id": f"{word} {word}", "meta": word, "identifier": word}
    body = {"resourceType": "Bundle", "type": word, "link": [{"relation": word}], "entry": [{"resource": resource}]}
    return web.json_response(body, headers={"X-Cause": word})


async def answer_gone(request: web.Request) -> web.Response:
    """Say that it is gone, in a page that quotes."""
    word = await _word_of(request)
    page = f"<html><head><title>{word} is gone</title></head><body>{word}</body></html>"
    return web.Response(status=404, reason=f"No {word}", text=page, content_type="text/html")


CARELESS: Mapping[str, Callable[[web.Request], Awaitable[web.Response]]] = {
    "refusing": refuse,
    "outcome": answer_outcome,
    "entries": answer_entries,
    "rubbish": answer_rubbish,
    "gone": answer_gone,
}
"""Stores that quote what they were sent."""
REQUESTS: Mapping[str, bytes] = {
    "create": request(body=PATIENT),
    "conditional create": request(body=PATIENT, If_None_Exist=f"identifier=urn:oid:1.2.3|{CANARY}KNOWN"),
    "update": request(f"PUT /fhir/Patient/{CANARY}-7", canary_json(f"{CANARY}-7"), If_Match=f'W/"{CANARY}"'),
    "conditional update": request(f"PUT /fhir/Patient?identifier=urn:oid:1.2.3%7C{CANARY}QUERY", PATIENT),
    "patch": request(
        f"PATCH /fhir/Patient/{CANARY}-7",
        json.dumps([{"op": "add", "path": f"/{CANARY}PATH", "value": f"{CANARY}VALUE"}]).encode(),
        Content_Type="application/json-patch+json",
    ),
    "delete": request(f"DELETE /fhir/Patient/{CANARY}-7", None),
    "conditional delete": request(f"DELETE /fhir/Patient?identifier={CANARY}QUERY", None),
    "a type of its own": request(f"PUT /fhir/{CANARY}TYPE/1", f'{{"resourceType":"{CANARY}TYPE","id":"1"}}'.encode()),
    **{
        kind: request(
            "POST /fhir",
            json.dumps(
                {
                    "resourceType": "Bundle",
                    "type": kind,
                    "entry": [
                        entry("POST", "Patient", canary_patient()),
                        entry("PUT", f"Patient/{CANARY}-8", canary_patient(f"{CANARY}-8")),
                        entry("GET", f"{CANARY}WHAT/{CANARY}-9?name={CANARY}NAME"),
                    ],
                }
            ).encode(),
        )
        for kind in ("transaction", "batch", f"{CANARY}KIND")
    },
}
"""What an application may ask for."""
LONG = CANARY * 3000
HOSTILE: Mapping[str, bytes] = {
    "a read": request(f"GET /fhir/Patient/{CANARY}?name={CANARY}", None),
    "another path": request(f"POST /{CANARY}/{CANARY}", PATIENT),
    "an absolute address": request(f"POST http://{CANARY}.example/fhir/Patient", PATIENT),
    "a method of its own": request(f"{CANARY} /fhir/Patient", PATIENT),
    "a delete of all": request("DELETE /fhir/Patient", PATIENT),
    "a delete with a body": request(f"DELETE /fhir/Patient/{CANARY}", PATIENT),
    "a header of its own": request(body=PATIENT, **{f"X_{CANARY}": CANARY, "Cookie": CANARY, "User_Agent": CANARY}),
    "a header that is not ASCII": request(body=PATIENT, If_Match=f"{CANARY}ü"),
    "a header twice": request(body=PATIENT, host=f"Host: a\r\nIf-Match: {CANARY}A\r\nIf-Match: {CANARY}B\r\n"),
    "an unknown host": request(body=PATIENT, host=f"Host: {CANARY}\r\n"),
    "two hosts": request(body=PATIENT, host=f"Host: {CANARY}\r\nHost: {CANARY}B\r\n"),
    "a type of media": request(body=PATIENT, Content_Type=f"text/{CANARY}"),
    "a charset": request(body=PATIENT, Content_Type=f"{JSON_TYPE}; charset={CANARY}"),
    "an accepted type": request(body=PATIENT, Accept=f"text/{CANARY}"),
    "a format": request(f"POST /fhir/Patient?_format={CANARY}", PATIENT),
    "a coding": request(body=PATIENT, Content_Encoding=CANARY),
    "an expectation": request(body=PATIENT, Expect=CANARY),
    "an upgrade": request(body=PATIENT, Connection="Upgrade", Upgrade=CANARY),
    "no JSON": request(body=f"{CANARY} {CANARY}".encode()),
    "no UTF-8": request(body=PATIENT.replace(b"DIV", b"\xff\xfe")),
    "a name twice": request(body=f'{{"{CANARY}":1,"{CANARY}":2}}'.encode()),
    "too deep": request(body=b"[" * 200 + PATIENT + b"]" * 200),
    "no object": request(body=f'["{CANARY}"]'.encode()),
    "no bundle": request("POST /fhir", PATIENT),
    "no resource": request(body=f'{{"{CANARY}":"{CANARY}"}}'.encode()),
    "no body": request(body=b"", X=CANARY),
    "larger than allowed": request(body=PATIENT + f" {CANARY}".encode() * 200_000),
    "larger than allowed, as it shows": request(
        body=b"%x\r\n%b\r\n" % (400_000, CANARY.encode() * 100_000 + b" " * 100_000),
        Content_Length="",
        Transfer_Encoding="chunked",
    ),
    "a long line": request(f"POST /fhir/Patient?{LONG}"),
    "a long header": request(body=PATIENT, X=LONG),
    "many headers": request(body=PATIENT, host="Host: a\r\n" + f"X: {CANARY}\r\n" * 500),
    "no HTTP": f"{CANARY} {CANARY} {CANARY}\r\n\r\n".encode(),
    "another version": request(body=PATIENT).replace(b"HTTP/1.1", f"HTTP/{CANARY}".encode()),
    "a header without a colon": request(body=PATIENT, host=f"{CANARY}\r\n"),
    "octets behind": request(body=PATIENT) + f"{CANARY} {CANARY}\r\n\r\n".encode(),
    "no chunk": request(body=f"{CANARY}\r\n".encode(), Content_Length="", Transfer_Encoding="chunked"),
    "a coding of the body": request(body=PATIENT, Content_Length="", Transfer_Encoding=CANARY),
    "a length in words": request(body=PATIENT, Content_Length=CANARY),
    "two lengths": request(body=PATIENT, host=f"Host: a\r\nContent-Length: {len(PATIENT)}\r\n", Content_Length="7"),
    "broken off in the head": request(body=PATIENT)[:90] + CANARY.encode(),
    "broken off in the body": request(body=PATIENT)[:-20],
    "a handshake": b"\x16\x03\x01" + CANARY.encode() * 10,
    "MLLP": b"\x0b" + canary_adt("M1") + b"\x1c\r",
    "a token": request(body=PATIENT, Authorization=f"Bearer {CANARY}UNKNOWN01234"),
    "no token": request(body=PATIENT, Authorization=f"Basic {CANARY}"),
    "two tokens": request(
        body=PATIENT, host=f"Host: a\r\nAuthorization: Bearer {TOKEN}\r\nAuthorization: Bearer {CANARY}\r\n"
    ),
}


async def converse(port: int, octets: bytes) -> None:
    """Send *octets* and nothing more; wait until the listener has answered and hung up."""
    with suppress(ConnectionError):
        async with asyncio.timeout(SECONDS), raw(port) as client:
            client.send(octets)
            client.writer.write_eof()
            await client.is_closed()


async def vanish(port: int) -> None:
    """Send a request and leave before the answer."""
    async with raw(port) as client:
        client.send(REQUESTS["create"])
        await client.writer.drain()
        client.reset()


@asynccontextmanager
async def daemon(folder: Path) -> AsyncIterator[Daemon]:
    """Run one with an HTTP listener, and MLLP listeners of both modes, for each of the stores; at the level debug."""
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox(folder / "stores"))
        application = web.Application(client_max_size=1 << 28)
        for name, handler in CARELESS.items():
            application.router.add_route("*", f"/{name}{{path:.*}}", handler)
        port = await stack.enter_async_context(serve_admin(application, "127.0.0.1", 0))
        urls = {"good": sandbox.fhir_url(), "dead": "http://127.0.0.1:1"}
        urls |= {name: f"http://127.0.0.1:{port}/{name}" for name in CARELESS}
        text = "\n".join(_configuration(folder, urls))
        process, ports = await stack.enter_async_context(serving(folder, text, "--log-level", "debug"))
        yield Daemon(process, dict(ports), folder / "hilum.yaml")


def _configuration(folder: Path, urls: Mapping[str, str]) -> list[str]:
    (folder / "token").write_text(TOKEN)
    lines = [f"data_dir: {folder / 'data'}", "admin: {port: 0}", "spool: {min_free_bytes: 0}", "drain_seconds: 2"]
    listeners, destinations, routes = ["listeners:"], ["destinations:"], ["routes:"]
    http = "kind: http, accepts: fhir, port: 0, max_body: 300000, head_seconds: 2, message_seconds: 2"
    for name, url in urls.items():
        destinations.append(f"  {name}: {{kind: fhir_store, url: '{url}', max_attempts: 2}}")
        listeners.append(f"  http-{name}: {{{http}}}")
        routes.append(f"  - {{from: http-{name}, to: {name}, within: 5, attempts: 1}}")
        for mode in ("relay", "commit"):
            listeners.append(f"  mllp-{mode}-{name}: {{kind: mllp, port: 0, acknowledge: {mode}}}")
            routes.append(f"  - {{from: mllp-{mode}-{name}, via: [fhir], to: {name}, within: 5, attempts: 1}}")
    listeners += [
        f"  http-unrouted: {{{http}}}",
        f"  http-token: {{{http}, token_files: {{portal: {folder / 'token'}}}}}",
    ]
    routes.append("  - {from: http-unrouted, to: good, when: {resource_type: Account}}")
    routes.append("  - {from: http-token, to: good}")
    return [*lines, "steps: {fhir: {kind: hl7v2_to_fhir, keep_source: true}}", *listeners, *destinations, *routes]


async def visit(name: str, port: int) -> None:
    """Send everything to one listener."""
    if name.startswith("mllp"):
        await send_block(port, canary_adt(f"{name}-1"))
        return
    for octets in (*REQUESTS.values(), *HOSTILE.values()):
        await converse(port, octets)
    await vanish(port)


async def renew_token(gateway: Daemon) -> None:
    """Use the token, and break its file."""
    port, path = gateway.ports["http-token"], gateway.config.parent / "token"
    allowed = request(body=PATIENT, Authorization=f"Bearer {TOKEN}")
    assert 201 == (await ask(port, allowed)).status
    path.write_text(f"{TOKEN} {CANARY} and what else was in the clipboard")
    assert 401 == (await ask(port, allowed)).status


@pytest.mark.slow
async def test_requests_and_messages(tmp_path: Path) -> None:
    """No canary is in anything that the daemon says, and it said something of each request and of each store."""
    async with daemon(tmp_path) as gateway:
        await asyncio.gather(*(visit(name, port) for name, port in gateway.ports.items()))
        await renew_token(gateway)
        await gateway.process.all_logged("message_parked", 4)
        said = await everything_said(gateway)
    values = {CANARY, BIRTH_DATE, *hl7_values(canary_adt("C1"))}
    assert [] == leaks(said, values)
    assert 0 == said.count(CANARY)  # not even as a part of a word
    told = {str(each["event"]) for each in gateway.process.events}
    assert {"request_answered", "request_refused", "delivery_refused", "message_not_routed", "token_lost"} <= told
    assert all(f"mllp-commit-{name}" in said for name in ("good", "dead", *CARELESS))
    refused = {str(each["reason"]) for each in gateway.process.events if each["event"] == "request_refused"}
    assert len(refused) >= 15, refused


@pytest.mark.parametrize("name", [*REQUESTS, *HOSTILE])
async def test_own_answers(tmp_path: Path, name: str) -> None:
    """What Hilum itself answers has nothing of the request."""
    destination = "kind: fhir_store, url: 'http://127.0.0.1:1'"
    limits = "max_body: 300000, head_seconds: 1, message_seconds: 1"
    text = relay(f"kind: http, accepts: fhir, port: 0, {limits}", destination, within=5)
    async with running_gateway(text) as gateway, asyncio.timeout(SECONDS), raw(gateway.ports["in"]) as client:
        client.send({**REQUESTS, **HOSTILE}[name])
        client.writer.write_eof()
        with suppress(ConnectionError):
            assert CANARY.encode() not in await client.reader.read()


@pytest.mark.parametrize(
    "broken",
    [(FhirStore, "deliver"), (BodyReader, "read"), (Report, "received")],
    ids=lambda broken: broken[0].__name__,
)
async def test_own_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: tuple[type, str]) -> None:
    """A bug of ours on the way of a request, whose exception quotes it, is told of without it, to the peer as well."""
    stream = StringIO()
    log.configure(level="debug", stream=stream)
    asyncio.get_running_loop().set_exception_handler(handle_in_loop)

    def fail(*_: object, **__: object) -> None:
        raise ValueError(f"cannot handle {CANARY}: {PATIENT!r}")

    monkeypatch.setattr(*broken, fail)
    async with Sandbox(tmp_path) as sandbox:
        text = relay("kind: http, accepts: fhir, port: 0", f'kind: fhir_store, url: "{sandbox.fhir_url()}"', within=5)
        async with running_gateway(text) as gateway:
            got = await ask(gateway.ports["in"], REQUESTS["create"])
    assert 500 <= got.status
    assert CANARY.encode() not in got.body
    said = stream.getvalue()
    assert "ValueError" in said
    assert CANARY not in said
