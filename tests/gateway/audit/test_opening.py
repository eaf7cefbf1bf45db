"""The audit trail of a whole gateway: both protocols, both modes, file and syslog."""

import asyncio
import json
import socket
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway import app
from gateway.audit import opening
from gateway.audit.opening import open_audit
from gateway.audit.settings import AuditSettings, SyslogSettings
from gateway.config import loading as config
from gateway.contract.acts import Act
from gateway.contract.errors import ConfigError
from gateway.contract.message import Subject
from gateway.sandbox.server import Sandbox
from gateway.telemetry import log
from gateway.telemetry.metrics import Metrics
from tests.adapters.dimse.raw_peer import RELEASE_RQ, RawPeer, store_rq
from tests.adapters.http.fakes import ask, request
from tests.adapters.mllp.client.receiver import receiving
from tests.certificates import Authority
from tests.dicom_files import data_set, make_series, sop_instance_uid
from tests.gateway.audit.syslog_reader import read_message
from tests.gateway.fakes import FakeDestination
from tests.mllp_client import mllp_client
from tests.running import relay, running_gateway

ADT = (
    b"MSH|^~\\&|EPIC|NORTH|HILUM|CLOUD|20260102030405||ADT^A01^ADT_A01|C1|P|2.5.1\r"
    b"EVN||20260102030405\rPID|1||CANARY-1^^^N^MR||CANARYNAME^J\rPV1|1|I\r"
)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the events at the end of a process more time than the product does: a busy disk may need it."""
    monkeypatch.setattr(opening, "GRACE_SECONDS", 300.0)


def events_in(path: Path) -> list[dict[str, Any]]:
    """Return the events in the file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def summary(event: dict[str, Any]) -> tuple[str, str, list[str]]:
    """Return what happened, how it ended, and to what."""
    identification = event["EventIdentification"]
    objects = [each["ParticipantObjectID"] for each in event.get("ParticipantObjectIdentification", [])]
    return identification["EventID"]["originalText"], identification["EventOutcomeIndicator"], objects


def hl7_gateway(folder: Path, sandbox: Sandbox, audit: str) -> str:
    """Return the configuration of a relay with *audit* (flow YAML)."""
    text = relay("kind: mllp, port: 0", f'kind: hl7v2_store, url: "{sandbox.hl7v2_store_url()}"')
    return f"{text}audit: {{{audit}}}\ndata_dir: {folder / 'data'}\n"


async def send_hl7(port: int) -> None:
    """Send the message of this test."""
    async with mllp_client(port) as client:
        assert b"|AA|" in await client.ask(ADT)


@asynccontextmanager
async def app_metrics(gateway: app.Running) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """Yield a function that waits until a text stands in /metrics."""
    async with ClientSession() as client:

        async def shows(text: str) -> None:
            async with asyncio.timeout(60):
                while True:
                    async with client.get(f"http://127.0.0.1:{gateway.admin_port}/metrics") as reply:
                        if text in await reply.text():
                            return
                    await asyncio.sleep(0.02)

        yield shows


async def test_hl7(tmp_path: Path) -> None:
    """An HL7 message is reported as received and as sent, between the start and the stop."""
    path = tmp_path / "audit.jsonl"
    async with Sandbox(tmp_path / "stores") as sandbox:
        text = hl7_gateway(tmp_path, sandbox, f"file: {path}")
        async with running_gateway(text) as gateway:
            await send_hl7(gateway.ports["in"])
    events = events_in(path)
    record = ("Patient Record", "0", ["CANARY-1^^^N^MR"])
    activity: tuple[str, str, list[str]] = ("Application Activity", "0", [])
    assert [activity, record, record, activity] == [summary(each) for each in events]
    sent, received = ([who["UserID"] for who in each["ActiveParticipant"]] for each in events[1:3])
    assert ["NORTH|EPIC", "CLOUD|HILUM"] == received
    assert sandbox.hl7v2_store_url() == sent[1]


async def test_mllp_destination(tmp_path: Path) -> None:
    """A message that goes to a hospital system is reported as sent, to its address."""
    path = tmp_path / "audit.jsonl"
    async with receiving() as receiver:
        out = f"kind: mllp, host: 127.0.0.1, port: {receiver.port}"
        text = f"{relay('kind: mllp, port: 0', out)}data_dir: {tmp_path / 'data'}\naudit: {{file: {path}}}\n"
        async with running_gateway(text) as gateway:
            await send_hl7(gateway.ports["in"])
    sent, _ = ([who["UserID"] for who in each["ActiveParticipant"]] for each in events_in(path)[1:3])
    assert f"mllp://127.0.0.1:{receiver.port}" == sent[1]


async def test_commit_mode(tmp_path: Path) -> None:
    """In commit mode what the spool delivers later is reported too, with the patient."""
    path = tmp_path / "audit.jsonl"
    async with Sandbox(tmp_path / "stores") as sandbox:
        text = hl7_gateway(tmp_path, sandbox, f"file: {path}").replace("port: 0}", "port: 0, acknowledge: commit}", 1)
        async with running_gateway(text) as gateway:
            await send_hl7(gateway.ports["in"])
            async with app_metrics(gateway) as metrics:
                await metrics('hilum_deliveries_total{destination="out",outcome="stored"} 1.0')
    records = [summary(each) for each in events_in(path) if summary(each)[0] == "Patient Record"]
    assert [("Patient Record", "0", ["CANARY-1^^^N^MR"])] * 2 == records


async def test_fhir(tmp_path: Path) -> None:
    """A resource that a peer writes over HTTP is reported as received and as sent, with what it does to the patient."""
    path = tmp_path / "audit.jsonl"
    body = b'{"resourceType":"Patient","identifier":[{"system":"urn:x","value":"CANARY-1"}]}'
    async with Sandbox(tmp_path / "stores") as sandbox:
        listener, store = "kind: http, accepts: fhir, port: 0", f'kind: fhir_store, url: "{sandbox.fhir_url()}"'
        async with running_gateway(f"{relay(listener, store)}audit: {{file: {path}}}\n") as gateway:
            assert 201 == (await ask(gateway.ports["in"], request(body=body))).status
    records = [each for each in events_in(path) if summary(each)[0] == "Patient Record"]
    assert [("Patient Record", "0", ["CANARY-1"])] * 2 == [summary(each) for each in records]
    assert ["C", "C"] == [each["EventIdentification"]["EventActionCode"] for each in records]
    sent, received = ([who["UserID"] for who in each["ActiveParticipant"]] for each in records)
    assert ("127.0.0.1", sandbox.fhir_url()) == (received[0], sent[1])


@pytest.mark.parametrize("mode", ["relay", "commit"])
async def test_converted(tmp_path: Path, mode: str) -> None:
    """What a step has made of an HL7 message is reported as sent with the patient, too."""
    path = tmp_path / "audit.jsonl"
    async with Sandbox(tmp_path / "stores") as sandbox:
        text = f"""
listeners: {{in: {{kind: mllp, port: 0, acknowledge: {mode}}}}}
destinations: {{out: {{kind: fhir_store, url: "{sandbox.fhir_url()}"}}}}
steps: {{fhir: {{kind: hl7v2_to_fhir}}}}
routes: [{{from: in, via: [fhir], to: out}}]
admin: {{port: 0}}
audit: {{file: {path}}}
data_dir: {tmp_path / "data"}
"""
        async with running_gateway(text) as gateway:
            await send_hl7(gateway.ports["in"])
            async with app_metrics(gateway) as metrics:
                await metrics('hilum_deliveries_total{destination="out",outcome="stored"} 1.0')
    records = [summary(each) for each in events_in(path) if summary(each)[0] == "Patient Record"]
    assert [("Patient Record", "0", ["CANARY-1"]), ("Patient Record", "0", ["CANARY-1^^^N^MR"])] == sorted(records)


async def test_unknown_token(tmp_path: Path) -> None:
    """A request with a token that the listener does not know is an alert with the address of its peer."""
    path, token = tmp_path / "audit.jsonl", tmp_path / "token"
    token.write_text("0123456789abcdef")
    listener = f"kind: http, accepts: fhir, port: 0, token_files: {{portal: {token}}}"
    text = f"{relay(listener, 'kind: fhir_store, url: http://127.0.0.1:1/')}audit: {{file: {path}}}\n"
    async with running_gateway(text) as gateway:
        answer = await ask(gateway.ports["in"], request(Authorization="Bearer fedcba9876543210"))
    assert 401 == answer.status
    (alert,) = (each for each in events_in(path) if summary(each)[0] == "Security Alert")
    assert ("Security Alert", "8", ["127.0.0.1"]) == summary(alert)
    assert "listener in rejected the node: token" == description(alert)


async def test_dicom(tmp_path: Path) -> None:
    """A series is one event on its way in and one on its way out, with study, patient and the count."""
    path = tmp_path / "audit.jsonl"
    files = [each.read_bytes() for each in make_series(tmp_path, 3)]
    async with Sandbox(tmp_path / "stores") as sandbox:
        store = f'kind: dicomweb, url: "{sandbox.dicom_web_url()}"'
        text = f"{relay('kind: dimse, port: 0', store)}audit: {{file: {path}}}\n"
        async with running_gateway(text) as gateway:
            peer = await RawPeer.connect(gateway.ports["in"])
            await peer.associate()
            for file in files:
                await peer.send(store_rq(data_set(file), uid=sop_instance_uid(file)))
                assert 0 == await peer.status()
            await peer.send(RELEASE_RQ)
            peer.vanish()
    transfers = [each for each in events_in(path) if summary(each)[0] == "DICOM Instances Transferred"]
    received, sent = ([who["UserID"] for who in each["ActiveParticipant"]] for each in sorted(transfers, key=is_sent))
    assert ["TESTER", "HILUM"] == received
    assert sandbox.dicom_web_url() == sent[1]
    for each in transfers:
        study, patient = each["ParticipantObjectIdentification"]
        assert "3" == study["ParticipantObjectDescription"]["SOPClass"][0]["NumberOfInstances"]
        assert study["ParticipantObjectID"].startswith("1.2.826.0.1.3680043.8.498.")
        assert ("TEST", "TEST^NOBODY") == (patient["ParticipantObjectID"], patient["ParticipantObjectName"])


def is_sent(event: dict[str, Any]) -> bool:
    """Tell whether the gateway was the source."""
    return "://" in event["ActiveParticipant"][1]["UserID"]


async def test_rejected_ae_title(tmp_path: Path) -> None:
    """A peer whose AE title is not known is an alert with its address and title."""
    path = tmp_path / "audit.jsonl"
    listener = "kind: dimse, port: 0, calling_ae_titles: [CT1]"
    text = f"{relay(listener, 'kind: dicomweb, url: http://127.0.0.1:1/')}audit: {{file: {path}}}\n"
    async with running_gateway(text) as gateway:
        peer = await RawPeer.connect(gateway.ports["in"])
        await peer.associate(calling="EVIL")
        peer.vanish()
    (alert,) = (each for each in events_in(path) if summary(each)[0] == "Security Alert")
    assert ("Security Alert", "8", ["127.0.0.1"]) == summary(alert)
    assert "EVIL" == alert["ActiveParticipant"][1]["UserID"]


def description(alert: dict[str, Any]) -> str:
    """Return what an alert says in words; details are in base 64 (PS3.15 A.5.1)."""
    (detail,) = alert["ParticipantObjectIdentification"][0]["ParticipantObjectDetail"]
    return b64decode(detail["value"]).decode()


TURNED_AWAY = {
    "a peer in the clear": ("tls: {TLS}", "plain_on_tls_port"),
    "a strange address": ("allow_networks: [10.0.0.0/8]", "network"),
    "a strange address, before its handshake": ("allow_networks: [10.0.0.0/8], tls: {TLS}", "network"),
}
NODES = {"mllp": "http", "dimse": "dicomweb", "http, accepts: fhir": "fhir_store"}
"""Listeners, each with a destination."""


@pytest.mark.parametrize(("settings", "reason"), TURNED_AWAY.values(), ids=TURNED_AWAY)
async def test_node_authentication(tmp_path: Path, settings: str, reason: str) -> None:
    """A peer that is turned away for what it is, in each protocol, is an alert with its address."""
    path, pair = tmp_path / "audit.jsonl", Authority(tmp_path).issue("server")
    tls = json.dumps({"certificate_file": str(pair.certificate), "key_file": str(pair.key)})
    for kind, destination in NODES.items():
        listener = f"kind: {kind}, port: 0, {settings.replace('{TLS}', tls)}"
        text = f"{relay(listener, f'kind: {destination}, url: http://127.0.0.1:1/')}audit: {{file: {path}}}\n"
        async with running_gateway(text) as gateway:
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.ports["in"])
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            with suppress(ConnectionError):
                await reader.read()
            writer.close()
    alerts = [each for each in events_in(path) if summary(each)[0] == "Security Alert"]
    assert [("Security Alert", "8", ["127.0.0.1"])] * len(NODES) == [summary(each) for each in alerts]
    told = f"listener in rejected the node: {reason}"
    assert [told] * len(NODES) == [description(each) for each in alerts]


async def test_syslog(tmp_path: Path) -> None:
    """Events reach a repository over UDP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        port = receiver.getsockname()[1]
        async with Sandbox(tmp_path / "stores") as sandbox:
            audit = f"syslog: {{host: 127.0.0.1, port: {port}, transport: udp}}, patient_identifiers: false"
            async with running_gateway(hl7_gateway(tmp_path, sandbox, audit)) as gateway:
                await send_hl7(gateway.ports["in"])
        contents = [read_message(receiver.recv(65536)).content for _ in range(4)]
    assert [b"110100", b"110110", b"110110", b"110100"] == [each.partition(b'csd-code="')[2][:6] for each in contents]
    assert not any(b"CANARY" in each for each in contents)


async def test_sink_that_is_down(tmp_path: Path, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository that is down delays no message, and the failure is counted."""
    monkeypatch.setattr(opening, "GRACE_SECONDS", 0.1)
    async with Sandbox(tmp_path / "stores") as sandbox:
        audit = f"syslog: {{host: 127.0.0.1, port: {unused_tcp_port}, transport: tcp}}, queue: 2"
        async with running_gateway(hl7_gateway(tmp_path, sandbox, audit)) as gateway:
            await send_hl7(gateway.ports["in"])
            async with app_metrics(gateway) as metrics:
                await metrics('hilum_audit_events_total{result="dropped",sink="syslog"} 1.0')
                await metrics('hilum_audit_events_total{result="failed",sink="syslog"} ')


async def test_file_that_cannot_be_made(tmp_path: Path) -> None:
    """A file that cannot be made ends the start."""
    text = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"')
    settings = config.parse(f"{text}audit: {{file: {tmp_path / 'missing' / 'audit.jsonl'}}}\n")
    with pytest.raises(ConfigError, match=r"audit\.file"):
        await app.run(settings, asyncio.Event())


async def test_off() -> None:
    """Without a trail no part is wrapped."""
    store, metrics = FakeDestination(), Metrics()
    meter = metrics.listener("in")
    async with open_audit(None, metrics, lambda _, __: Subject()) as audit:
        audit.started()
        assert store is audit.destination(store, "http://s/")
        assert meter is audit.meter("in", meter)
        deliver = store.deliver
        assert deliver is audit.delivery(deliver)


@pytest.mark.parametrize(("identifiers", "warns"), [("true", True), ("false", False)])
async def test_patients_in_clear(unused_tcp_port: int, identifiers: str, warns: bool) -> None:
    """Events that name patients over a transport that anybody can read are warned of at the start."""
    stream = StringIO()
    log.configure(stream=stream)
    syslog = SyslogSettings(host="127.0.0.1", port=unused_tcp_port, transport="udp")
    settings = AuditSettings(syslog=syslog, patient_identifiers=identifiers == "true")
    async with open_audit(settings, Metrics(), lambda _, __: Subject()):
        assert warns == ("audit_sent_in_clear" in stream.getvalue())


async def test_what_operators_do(tmp_path: Path) -> None:
    """A process that takes no messages writes what operators do, and neither a start nor a stop."""
    settings = AuditSettings(file=tmp_path / "audit.jsonl")
    async with opening.open_audit_of_acts(settings) as tell:
        assert [] == await tell(Act("alice", "discarded: 1"))
        assert 1 == len(events_in(tmp_path / "audit.jsonl"))
    assert [("Security Alert", "0", [socket.gethostname()])] == [
        summary(each) for each in events_in(tmp_path / "audit.jsonl")
    ]
    async with opening.open_audit_of_acts(None) as tell:
        assert [] == await tell(Act("alice", "discarded: 1"))


async def test_an_operator_over_the_admin_port(tmp_path: Path) -> None:
    """What is decided over the admin port of a running gateway is in its trail."""
    path = tmp_path / "audit.jsonl"
    text = relay("kind: mllp, port: 0, acknowledge: commit", 'kind: http, url: "http://127.0.0.1:1/"')
    text += f"audit: {{file: {path}}}\ndata_dir: {tmp_path / 'data'}\nspool: {{min_free_bytes: 0}}\n"
    async with running_gateway(text) as running:
        await send_hl7(running.ports["in"])
        token = (tmp_path / "data" / "admin-token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        async with ClientSession(f"http://127.0.0.1:{running.admin_port}", headers=headers) as client:
            words = {"destination": "out", "state": "waiting", "reason": "a test"}
            async with client.post("/api/v1/spool/discard", json=words) as reply:
                assert {"count": 1} == await reply.json()
    (event,) = [each for each in events_in(path) if summary(each)[0] == "Security Alert"]
    assert "admin token at 127.0.0.1" == event["ActiveParticipant"][1]["UserID"]
    assert "CANARY" not in json.dumps(event)
