"""Nothing that identifies a patient leaves the process while messages are de-identified, but towards the stores.

A daemon takes three formats in both modes to stores that take, refuse and quote what they get, by way of the step
`deidentify`. Some messages it transforms, many it holds back: of an unknown authority, broken, hostile. Searched is all
that the daemon says: its log at debug, what libraries warn of, metrics, journal, pages, the API, and `hilum spool`.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from io import StringIO
from pathlib import Path

import pytest
from aiohttp import web

from adapters.deidentify.dicom.transform import DicomTransformer
from adapters.deidentify.dicom.tree import Element, written
from adapters.deidentify.fhir.transform import FhirTransformer
from adapters.deidentify.hl7v2.transform import Hl7v2Transformer
from adapters.deidentify.own.search import OwnIdentifiers
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms
from gateway.admin.server import serve_admin
from gateway.sandbox.server import Sandbox
from gateway.telemetry import log
from gateway.telemetry.faults import handle_in_loop
from tests.adapters.deidentify.dicom.made import fragments, header, image
from tests.adapters.deidentify.dicom.made import native as native_file
from tests.adapters.http.fakes import ask, request
from tests.dicom_files import data_set
from tests.gateway.deidentified import patient, post, steps
from tests.gateway.test_deidentified_patient import configuration as three_formats
from tests.gateway.test_deidentified_patient import reasons, send_adt, send_ct, stores
from tests.mllp_client import code_of
from tests.phi.canaries import BIRTH_DATE, CANARY, canary_adt, canary_instance, canary_json, canary_patient
from tests.phi.daemon import Daemon, refuse
from tests.phi.finder import dicom_values, hl7_values, leaks
from tests.phi.test_phi import HOSTILE_HL7, everything_said, send_block, store
from tests.phi.test_screen import walking
from tests.processes import serving
from tests.running import running_gateway

MODES = ("relay", "commit")
KINDS = ("good", "refusing")
UNKNOWN = f"{CANARY}PID3A^{CANARY}PID3B&{CANARY}PID3C".encode()
KNOWN = canary_adt("K1").replace(UNKNOWN, f"{CANARY}PID3A^^^HOSP^MR".encode())
MESSAGES = {
    "of a known authority": KNOWN,
    "of an unknown authority": canary_adt("K2"),
    "a result with text": KNOWN + f"OBX|1|TX|{CANARY}OBX||{CANARY}VALUE\rNTE|1||{CANARY}NOTE\rZZZ|{CANARY}\r".encode(),
    "no patient": KNOWN.replace(b"PID|", b"PIX|"),
    "another character set": KNOWN.replace(b"PID5A", b"\xff\xfe"),
    "delimiters twice": KNOWN.replace(b"MSH|^~\\&", b"MSH|^^^^"),
    **HOSTILE_HL7,
}


def broken(number: int) -> dict[str, bytes]:
    """Return data sets whose values break their value representations, or that are broken themselves."""
    issuer = Element(0x00100021, b"LO", b"HOSP")
    own = [Element(0x00080018, b"UI", f"1.3.46.9.{number}\0".encode()), issuer]

    def with_(*more: Element, without: tuple[int, ...] = ()) -> bytes:
        return written(header(*own, *more, without=without), is_implicit=False)

    word = CANARY.encode()
    return {
        "no numbers": with_(Element(0x00101030, b"DS", word + b"WEIGHT "), Element(0x00200013, b"IS", word + b"7")),
        "no dates": with_(Element(0x00080020, b"DA", word + b"DATE1"), Element(0x00080030, b"TM", word + b"T")),
        "no character set": with_(
            Element(0x00080005, b"CS", word + b"_SET"), Element(0x00104000, b"LT", b"\xff" + word)),
        "no UIDs": with_(Element(0x0020000D, b"UI", word + b"STUDY"), Element(0x00081150, b"UI", word + b" ")),
        "no patient": with_(Element(0x00100020, b"LO", b""), Element(0x00104000, b"LT", word + b" ")),
        "another issuer": with_(Element(0x00100021, b"LO", word + b"ISSUER")),
        "an unknown element": with_(
            Element(0x00110010, b"LO", word + b"OWNER"), Element(0x00111001, b"UN", word + b" ")),
        "cut short": with_(Element(0x00104000, b"LT", word * 20))[:-10],
        "pixels cut short": data_set(native_file(word, Element(0x00100021, b"LO", b"HOSP"))),
        "frames that are none": with_(*image()) + fragments(word * 9),
        "text": word * 300,
        "lengths beyond the end": with_() + b"\xfe\x7f\x10\x00LT\xff\xff" + word,
    }  # fmt: skip


FHIR: dict[str, str | bytes] = {
    "of a known system": canary_json(f"{CANARY}ID"),
    "of an unknown system": json.dumps(
        {**canary_patient(), "identifier": [{"system": f"urn:x:{CANARY}", "value": CANARY}]}),
    "a name twice": '{"resourceType":"Patient","' + CANARY + '":1,"' + CANARY + '":2}',
    "an unknown type": json.dumps({"resourceType": f"{CANARY}TYPE", "id": CANARY}),
    "no JSON": f'{{"resourceType": "Patient", "name": {CANARY}',
    "a search": json.dumps({"resourceType": "Bundle", "type": "batch", "entry": [
        {"request": {"method": "GET", "url": f"Patient?name={CANARY}"}}]}),
    "an unknown condition": json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"resource": canary_patient(), "request": {"method": "PUT", "url": f"Patient?family={CANARY}FAMILY"}}]}),
    "a modifier": json.dumps({**canary_patient(), "resourceType": "Flag", "modifierExtension": [{"url": CANARY}]}),
    "half a character": json.dumps({**canary_patient(), "gender": f"\ud800{CANARY}"}),
}  # fmt: skip


def configuration(folder: Path, urls: dict[str, dict[str, str]]) -> str:
    """Return a gateway with a listener for each format, mode and store."""
    listeners, destinations, routes = ["listeners:"], ["destinations:"], ["routes:"]
    for kind, by_format in urls.items():
        for name, url in by_format.items():
            store_kind = {"mllp": "hl7v2_store", "dimse": "dicomweb", "http": "fhir_store"}[name]
            destinations.append(
                f"  {name}-{kind}: {{kind: {store_kind}, url: '{url}', via: [anonymous], max_attempts: 1}}"
            )
            for mode in MODES if name != "http" else MODES[:1]:
                more = ", accepts: fhir" if name == "http" else f", acknowledge: {mode}"
                listeners.append(f"  {name}-{mode}-{kind}: {{kind: {name}, port: 0{more}}}")
                routes.append(f"  - {{from: {name}-{mode}-{kind}, to: {name}-{kind}, within: 5, attempts: 1}}")
    text = "\n".join([f"data_dir: {folder / 'data'}", "drain_seconds: 2", *listeners, *destinations, *routes])
    return f"{text}\n{steps(folder, text='known_identifiers')}"


@asynccontextmanager
async def daemon(folder: Path) -> AsyncIterator[Daemon]:
    """Run one, with a store that takes and one that refuses and quotes."""
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox(folder / "stores"))
        careless = web.Application(client_max_size=1 << 28)
        careless.router.add_route("*", "/{path:.*}", refuse)
        port = await stack.enter_async_context(serve_admin(careless, "127.0.0.1", 0))
        good = {"mllp": sandbox.hl7v2_store_url(), "dimse": sandbox.dicom_web_url(), "http": sandbox.fhir_url()}
        urls = {"good": good, "refusing": dict.fromkeys(good, f"http://127.0.0.1:{port}")}
        text = configuration(folder, urls)
        process, ports = await stack.enter_async_context(serving(folder, text, "--log-level", "debug"))
        yield Daemon(process, dict(ports), folder / "hilum.yaml")


async def visit(name: str, port: int) -> None:
    """Send everything to one listener."""
    if name.startswith("mllp"):
        for payload in MESSAGES.values():
            await send_block(port, payload)
    elif name.startswith("dimse"):
        await store(port, data_set(canary_instance("1.2.3.1", "1.2.3")), "1.2.3.1")
        for number, octets in enumerate(broken(1).values()):
            await store(port, octets, f"1.3.46.9.{number}")
    else:
        for body in FHIR.values():
            octets = body if isinstance(body, bytes) else body.encode()
            for line in ("POST /fhir/Patient", f"PUT /fhir/Patient?name={CANARY}QUERY", "POST /fhir"):
                await ask(port, request(line, octets, If_None_Exist=f"name={CANARY}QUERY"))
        await ask(port, request(f"DELETE /fhir/Patient?name={CANARY}QUERY", None))


@pytest.mark.slow
async def test_step(tmp_path: Path) -> None:
    """No canary is in anything that a daemon with the step says, and it said something of each."""
    async with daemon(tmp_path) as running:
        await asyncio.gather(*(visit(name, port) for name, port in running.ports.items()))
        await running.process.logged("message_parked")
        async with walking(running) as walk:
            await walk.everywhere()
            for path in ("/api/v1/status", "/api/v1/messages?limit=500", "/api/v1/spool/entries?limit=1000"):
                await walk.get(path)
        said = await everything_said(running) + "".join(walk.said.values())
    values = set().union(*map(hl7_values, MESSAGES.values()), dicom_values(canary_instance("1.2.3.1", "1.2.3")))
    assert [] == leaks(said, values - {"HOSP"})  # the authority is in the configuration
    assert 0 == said.count(CANARY)
    assert BIRTH_DATE not in said
    for words in ("held back", "message_parked", "delivery_refused", "hilum_deidentified_messages_total"):
        assert words in said, words


SECRET = f"cannot handle {CANARY} Musterfrau"
FAULTS = [
    (Hl7v2Transformer, "transform"),
    (DicomTransformer, "transform"),
    (FhirTransformer, "transform"),
    (KeyedPseudonyms, "shift"),
    (KeyedPseudonyms, "_digest"),
    (OwnIdentifiers, "found_in"),
]


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("owner", "name"), FAULTS, ids=lambda value: getattr(value, "__name__", value))
async def test_own_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, mode: str) -> None:
    """A bug of ours, whose error quotes the patient: refused or parked; no store gets anything, nobody hears a name."""
    stream = StringIO()
    log.configure(level="debug", stream=stream)
    asyncio.get_running_loop().set_exception_handler(handle_in_loop)

    def fail(*_: object, **__: object) -> None:
        raise ValueError(SECRET)

    formats = {Hl7v2Transformer: 1, DicomTransformer: 2, FhirTransformer: 3}
    only = formats.get(owner)
    async with stores(1) as (research,):
        text = three_formats(research, tmp_path, mode)
        (tmp_path / "hilum.yaml").write_text(text)
        async with running_gateway(text) as running:
            monkeypatch.setattr(owner, name, fail)
            answers, held_back = [], 0
            if only in {None, 1}:
                answer = await send_adt(running.ports["adt"])
                assert code_of(answer) == ("AE" if mode == "relay" else "AA")
                answers.append(answer.decode())
                held_back += mode == "commit"
            if only in {None, 2}:
                assert await send_ct(running.ports["pacs"], tmp_path) == (["C000"] if mode == "relay" else ["0000"])
                held_back += mode == "commit"
            if only in {None, 3}:
                status, said = await post(running.ports["fhir"], patient(), "/Patient")
                if name != "shift":  # a patient of FHIR has no date that is moved
                    assert status == 422
                answers.append(said)
            if held_back:
                told = await reasons(tmp_path, held_back)
                assert all(each.endswith("held back: an internal error") for each in told)
                answers += told
    assert [] == [each.path for each in research.taken if name != "shift" or b"Patient" not in each.body]
    for each in (*answers, stream.getvalue()):
        assert CANARY not in each
        assert "Musterfrau" not in each
