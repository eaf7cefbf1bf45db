"""Nothing that identifies a patient is in what operators see: pages, API, commands, journal, log and metrics.

A whole daemon gets messages full of canary values, in relay and commit mode. Its stores accept, fail, and refuse in
every way while they quote the request. Only the payload view of the role `payload` shows the values. The senders build
control IDs from a patient's number, so their listeners have ``identifiers: keyed``.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from html import unescape
from pathlib import Path

import pytest

from gateway.sandbox.server import Sandbox
from tests.adapters.dimse.raw_peer import CT, EXPLICIT, RawPeer, associate_rq, store_rq
from tests.dicom_files import data_set
from tests.gateway.screen.spool.test_pages import hidden
from tests.phi.canaries import CANARY, canary_adt, canary_instance
from tests.phi.careless import WAYS, careless_stores
from tests.phi.daemon import quote
from tests.phi.finder import dicom_values, hl7_values, leaks
from tests.phi.outputs import API, ROLES, Outputs
from tests.phi.test_phi import HOSTILE_HL7, RAW_HL7, converse, hostile_dicom, send_block, send_octets, store
from tests.processes import HilumProcess, serving

BY_DESIGN = {
    "OPENLYAE": "AE titles name devices; without them nobody knows which scanner to go to.",
    "OPENLYCALLED": "So does the AE title that a peer calls, which is what has to be corrected.",
    "OPENLYAPP": "MSH-3 names the sending system.",
    "OPENLYFAC": "MSH-4 names the facility that runs it.",
    "OPENLYID": "With `identifiers: clear` control IDs are kept, to find the message in the sender's own list.",
}
"""What a peer says of itself and operators do see, and why that is no patient."""
HOSTILE_AE_TITLES = ("<img src=x>", "'\"><script>", "{{7*7}}", "\x1b[31mRED", "a\r\nb", "${x}%00%s")
NUMBER = f"{CANARY}0815"
"""The number of the patient, of which control IDs are built."""
NO_UID = "1.2.840.10008.9.9.9.9"
ODD_UID = f"{CANARY}DOE.JOHN.19470811"
MINUTE = 60.0
NEEDED = (
    "viewer /peers", "operator /spool", "payload /messages", "viewer /screen/live", "viewer /certificates",
    "viewer /destinations/", "viewer /peers/", "operator /spool/entries/", "viewer /configuration",
    "hilum status --json", "hilum explain --peer=OPENLYAE", "hilum explain --message=", "hilum journal --json",
    "viewer /api/v1/explain?peer=OPENLYAPP", "viewer /metrics", "journal/", "log",
)  # fmt: skip
"""What must be among the outputs."""


def keyed_id(listener: str) -> str:
    """Return a control ID that is built from the patient's number."""
    return f"{NUMBER}-{listener}"


def control_id_replaced(payload: bytes) -> bytes:
    """Return a message whose header says what operators may see."""
    return payload.replace(b"|TEST|WARD|", b"|OPENLYAPP|OPENLYFAC|", 1)


def configuration(folder: Path, stores: Mapping[str, Mapping[str, str]]) -> str:
    """Return a configuration with a relaying and a committing listener for each of *stores*, by protocol and name."""
    roles = ", ".join(f"{role}_token_file: {folder / role}" for role in ROLES)
    lines = [f"data_dir: {folder / 'data'}", f"admin: {{port: 0, {roles}}}", "spool: {min_free_bytes: 0}"]
    listeners, destinations, routes = ["listeners:"], ["destinations:"], ["routes:"]
    for protocol, addresses in stores.items():
        more = {"mllp": "identifiers: keyed, max_block: 1000000", "dimse": "calling_ae_titles: [TESTER, OPENLYAE]"}
        for way, store_at in addresses.items():
            destinations.append(f"  {protocol}-{way}: {{{store_at}, max_attempts: 1}}")
            for mode in ("relay", "commit"):
                name = f"{protocol}-{mode}-{way}"
                listeners.append(f"  {name}: {{kind: {protocol}, port: 0, acknowledge: {mode}, {more[protocol]}}}")
                routes.append(f"  - {{from: {name}, to: {protocol}-{way}, within: 3, attempts: 1}}")
    listeners += [
        "  mllp-clear: {kind: mllp, port: 0, acknowledge: commit}",
        "  dimse-any: {kind: dimse, port: 0}",
    ]
    routes += [
        "  - {from: mllp-clear, to: mllp-good, within: 3, attempts: 1}",
        "  - {from: dimse-any, to: dimse-good, within: 3, attempts: 1}",
    ]
    return "\n".join([*lines, "drain_seconds: 2", *listeners, *destinations, *routes])


@asynccontextmanager
async def gateway_before_careless_stores(folder: Path) -> AsyncIterator[tuple[HilumProcess, dict[str, int], Outputs]]:
    """Run a daemon at the level debug."""
    for number, role in enumerate(ROLES):
        (folder / role).write_text(f"{role}-{number}-0123456789abcdef")
        (folder / role).chmod(0o600)
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox(folder / "stores"))
        careless = await stack.enter_async_context(careless_stores())
        receiver = await asyncio.start_server(quote, "127.0.0.1", 0, limit=1 << 24)
        stack.callback(receiver.close)
        dead = "http://127.0.0.1:1/"
        port = receiver.sockets[0].getsockname()[1]
        hl7 = {"good": sandbox.hl7v2_store_url(), "dead": dead, **careless}
        dicom = {"good": sandbox.dicom_web_url(), "dead": dead, **careless}
        stores = {
            "mllp": {
                **{way: f"kind: hl7v2_store, url: '{url}'" for way, url in hl7.items()},
                "secret": f"kind: http, url: '{dead}?code={CANARY}QUERY', headers: {{X-Key: {CANARY}KEY}}",
                "receiver": f"kind: mllp, host: 127.0.0.1, port: {port}, answer_seconds: 2",
            },
            "dimse": {way: f"kind: dicomweb, url: '{url}'" for way, url in dicom.items()},
        }
        text = configuration(folder, stores)
        process, ports = await stack.enter_async_context(serving(folder, text, "--log-level", "debug"))
        admin_port = int((await process.logged("gateway_started"))["admin_port"])
        yield process, dict(ports), Outputs(folder / "hilum.yaml", admin_port)


async def visit_mllp(ports: Mapping[str, int]) -> None:
    """Send messages and rubbish to every listener of HL7."""
    for name, port in ports.items():
        if name.startswith("mllp"):
            control_id = "OPENLYID" if name == "mllp-clear" else keyed_id(name)
            await send_block(port, control_id_replaced(canary_adt(control_id)))
            await send_block(port, control_id_replaced(canary_adt(control_id)))  # a duplicate
    port = ports["mllp-relay-quoting"]
    for payload in HOSTILE_HL7.values():
        await send_block(port, payload)
    shifted = canary_adt(keyed_id("shifted")).replace(b"ADT^A01^ADT_A01", f"{CANARY}DOE^{CANARY}JOHN".encode())
    await send_block(port, shifted)
    for octets in (*RAW_HL7.values(), b"\n" + canary_adt("L1") + b"\x1c\r", canary_adt("L2") * 9):
        await send_octets(port, octets)


async def visit_dimse(ports: Mapping[str, int], instance: bytes, uid: str) -> None:
    """Store and say rubbish to every listener of DICOM, under good and hostile names."""
    for name, port in ports.items():
        if name.startswith("dimse"):
            await store(port, data_set(instance), uid)
    port = ports["dimse-any"]
    await asyncio.gather(*(converse(port, words) for words in hostile_dicom(2).values()))
    for title in (*HOSTILE_AE_TITLES, "OPENLYAE"):
        await ask(port, associate_rq(calling="TESTERTESTERTEST").replace(b"TESTERTESTERTEST", padded(title)))
        await ask(port, associate_rq(called="TESTERTESTERTEST").replace(b"TESTERTESTERTEST", padded(title)))
    await ask(port, associate_rq(called="OPENLYCALLED", calling="OPENLYAE"))
    strict = ports["dimse-relay-good"]
    await ask(strict, associate_rq(calling="<b>STRANGER</b>"))
    request = associate_rq(calling="OPENLYAE", contexts=[(CT, [EXPLICIT]), (NO_UID, [EXPLICIT]), (CT, [NO_UID])])
    await ask(strict, request)
    await ask(strict, request.replace(NO_UID.encode(), ODD_UID.encode()))


async def visit_by_tls(port: int) -> None:
    """Speak TLS to a port that does not, and name the patient in its hello."""
    context = ssl.create_default_context()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(5):
            await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=f"{CANARY}host.example")


def padded(title: str) -> bytes:
    """Return the 16 octets of an AE title."""
    return title.encode()[:16].ljust(16)


async def ask(port: int, request: bytes) -> None:
    """Ask for an association, store an instance in what was accepted, and go."""
    peer = await RawPeer.connect(port)
    with suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(5):
            await peer.send(request)
            if (await peer.receive())[:1] == b"\x02":
                instance = data_set(canary_instance("1.2.3.4", "1.2.3"))
                await peer.send(store_rq(instance, uid="1.2.3.4", context_id=1, max_pdu=131072))
                await peer.receive()
    peer.vanish()


async def settled(outputs: Outputs, process: HilumProcess) -> None:
    """Wait until commit mode has come to a decision about each message, and the journal has been written."""
    parked = sum(1 for each in WAYS) // 2
    await process.all_logged("message_parked", parked)
    async with asyncio.timeout(MINUTE):
        while '"outcome": "parked"' not in await outputs.asked("/api/v1/messages?outcome=parked&limit=500"):
            await asyncio.sleep(0.2)


def found_in(said: Mapping[str, str], values: Iterable[str]) -> dict[str, list[str]]:
    """Return which of *values* each of the outputs holds, and canaries as parts of words."""
    values = list(values)
    held = {what: leaks(text, values) for what, text in said.items()}
    part = re.compile(rf".{{0,40}}{CANARY}.{{0,40}}", re.IGNORECASE)
    return {
        what: [*each, *part.findall(said[what])]
        for what, each in held.items()
        if each or CANARY.lower() in said[what].lower()
    }


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_operators(tmp_path: Path) -> None:
    """No output for operators holds a canary; what is no PHI by design is there; the payload view shows the payload."""
    uid = "1.2.826.0.1.815"
    instance = canary_instance(uid, "1.2.826.0.1.1")
    message = canary_adt(keyed_id("mllp-commit-quoting"))
    values = {NUMBER, *hl7_values(message), *dicom_values(instance)}
    async with gateway_before_careless_stores(tmp_path) as (process, ports, outputs):
        await asyncio.gather(
            visit_mllp(ports), visit_dimse(ports, instance, uid), visit_by_tls(ports["mllp-relay-good"])
        )
        await settled(outputs, process)
        for role in ROLES:
            await outputs.walk(role)
        await outputs.explanations()
        await outputs.run(
            ("status",), ("status", "--json"), ("journal", "--limit", "500"), ("journal", "--json", "--limit", "500"),
            ("journal", "--outcome", "not_stored"), ("journal", "--peer", "OPENLYAPP|OPENLYFAC"),
            ("explain", "--peer=OPENLYAE"), ("explain", "--peer=nobody"),
        )  # fmt: skip
        for role in ROLES:
            await outputs.ask(role, API)
        content = await payload_view(outputs)
        by_number = await found_by_its_number(outputs)
        process.process.terminate()
        assert await process.ended() in (0, 3)
        outputs.read_files()
        outputs.said["log"] = "\n".join(map(str, process.events))
    assert {} == found_in(outputs.said, values)
    whole = "\n".join(outputs.said.values())
    assert [] == [word for word in BY_DESIGN if word not in whole]
    assert [] == [each for each in NEEDED if not any(each in what for what in outputs.said)]
    assert CANARY in content
    assert "OPENLYAPP|OPENLYFAC" in by_number


async def payload_view(outputs: Outputs) -> str:
    """Return what the role `payload` sees of a message when it says why."""
    async with outputs.signed_in("payload") as client:
        async with client.get("/spool/entries?state=parked&destination=mllp-quoting") as reply:
            listed = await reply.text()
        path = unescape(re.findall(r'href="(/spool/entries/[^"?]+)"', listed)[-1]) + "/payload"
        async with client.get(path) as reply:
            form = {**hidden(await reply.text()), "purpose": "mapping"}
        async with client.post(path, data=form) as reply:
            assert 200 == reply.status
            content = await reply.text()
    for role in ("viewer", "operator"):
        async with outputs.signed_in(role) as client, client.get(path) as reply:
            outputs.said[f"{role} {path} refused"] = await reply.text()
            assert 403 == reply.status
    return content


async def found_by_its_number(outputs: Outputs) -> str:
    """Return what the journal says of a message when it is asked for the control ID that it keeps only a digest of."""
    asked = Outputs(outputs.config, outputs.port)
    return await asked.asked(f"/api/v1/messages?id={keyed_id('mllp-relay-good')}")


def test_planted() -> None:
    """A canary that stands anywhere in an output is found: as a word, as a part of one, in whatever case."""
    values = hl7_values(canary_adt("C1"))
    clean = {"page": "<td>OPENLYAPP|OPENLYFAC</td>", "log": "message_parked mllp-commit-quoting 7c01"}
    assert {} == found_in(clean, values)
    for planted in (f"<td>{CANARY}PID5A</td>", f"x{CANARY.lower()}x", f"&#39;{CANARY}PID3B&#39;"):
        assert ["page"] == list(found_in({**clean, "page": planted}, values))


async def test_planted_in_files(tmp_path: Path) -> None:
    """Files of the data are read as octets, and those of the spool are left out, which hold the payloads."""
    data = tmp_path / "data"
    (data / "journal").mkdir(parents=True)
    (data / "spool").mkdir()
    (data / "journal" / "segment").write_bytes(b"\x00\xff" + f"{CANARY}PID5A".encode() + b"\x00")
    (data / "spool" / "payload").write_bytes(canary_adt("C1"))
    outputs = Outputs(tmp_path / "hilum.yaml", 0)
    outputs.read_files()
    assert ["journal/segment"] == list(found_in(outputs.said, [f"{CANARY}PID5A"]))
