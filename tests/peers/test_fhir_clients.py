"""FHIR clients of others write through a real `hilum serve` to the sandbox's FHIR store."""

import asyncio
import json
import shutil
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox
from tests.certificates import Authority, Pair
from tests.peers.programs import PYTHON_PEERS, PYTHON_SCRIPTS, run
from tests.processes import HilumProcess, serving

TOKEN = "a-token-of-enough-characters"
PATIENT = '{"resourceType":"Patient","gender":"female","name":[{"family":"Kowalski-Przybylski"}]}'
JSON = ("-H", "Content-Type: application/fhir+json")
AUTHORIZED = ("-H", f"Authorization: Bearer {TOKEN}")

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed: make peers")
needs_fhirpy = pytest.mark.skipif(
    not list(PYTHON_PEERS.parent.glob("lib/python3*/site-packages/fhirpy")),
    reason="fhirpy is not installed: make python-peers",
)


@asynccontextmanager
async def gateway(folder: Path, sandbox: Sandbox, tls: str = "") -> AsyncIterator[tuple[HilumProcess, int]]:
    """Run a gateway whose listener demands a token and, with *tls*, certificates; yield it with its port."""
    (folder / "token").write_text(TOKEN)
    text = f"""
listeners:
  fhir: {{kind: http, accepts: fhir, port: 0, token_files: {{app: {folder}/token}}, max_body: 1000000{tls}}}
destinations: {{records: {{kind: fhir_store, url: "{sandbox.fhir_url()}"}}}}
routes: [{{from: fhir, to: records}}]
admin: {{port: 0}}
data_dir: {folder}/data
drain_seconds: 5
"""
    async with serving(folder, text) as (process, ports):
        yield process, ports["fhir"]


async def curl(*arguments: str | Path) -> tuple[int, Mapping[str, str], str]:
    """Run curl; return status, header fields by names in lower case, and body."""
    status, output = await run("curl", "-sS", "-i", "--max-time", "30", *arguments)
    assert 0 == status, output
    *heads, body = output.replace("\r\n", "\n").split("\n\n", output.count("HTTP/1.1 "))
    lines = heads[-1].splitlines()
    return (
        int(lines[0].split()[1]),
        {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)},
        body,
    )


async def held(sandbox: Sandbox) -> list[dict[str, object]]:
    """Return the patients in the store."""
    async with ClientSession() as client, client.get(f"{sandbox.fhir_url()}/Patient") as response:
        return [each["resource"] for each in (await response.json(content_type=None)).get("entry", [])]


@needs_curl
async def test_curl(tmp_path: Path) -> None:
    """Curl creates once under a condition, updates the version that it knows, and is told by status and ETag."""
    async with Sandbox(tmp_path / "stores") as sandbox, gateway(tmp_path, sandbox) as (process, port):
        base = f"http://127.0.0.1:{port}/fhir"
        condition = ("-H", "If-None-Exist: identifier=urn:mrn|1")
        body = PATIENT.replace('"gender"', '"identifier":[{"system":"urn:mrn","value":"1"}],"gender"')
        created = [await curl(*JSON, *AUTHORIZED, *condition, "-d", body, f"{base}/Patient") for _ in range(2)]
        assert [201, 200] == [status for status, _, _ in created]
        location, etag = created[0][1]["location"], created[0][1]["etag"]
        assert location.startswith(sandbox.fhir_url())
        (patient,) = await held(sandbox)
        update = PATIENT.replace('"gender"', f'"id":"{patient["id"]}","gender"').replace("female", "male")
        target = f"{base}/Patient/{patient['id']}"
        statuses = [
            (await curl("-X", "PUT", *JSON, *AUTHORIZED, "-H", f"If-Match: {each}", "-d", update, target))[0]
            for each in (etag, etag)
        ]
        assert [200, 412] == statuses
        status, _, refused = await curl(*JSON, *AUTHORIZED, "-d", '{"resourceType":"Patient","x":1}', f"{base}/Patient")
        assert (400, "OperationOutcome") == (status, json.loads(refused)["resourceType"])
        status, _, _ = await curl("-X", "DELETE", *AUTHORIZED, target)
        assert (200, []) == (status, await held(sandbox))
        process.process.send_signal(signal.SIGTERM)
        assert 0 == await process.ended()
    assert "Kowalski" not in str(process.events)


@needs_curl
async def test_a_large_body_of_curl(tmp_path: Path) -> None:
    """Curl asks before it sends a large body, and is told at once that it is too large."""
    (tmp_path / "large.json").write_text('{"resourceType":"Binary","data":"' + "A" * 5_000_000 + '"}')
    async with Sandbox(tmp_path / "stores") as sandbox, gateway(tmp_path, sandbox) as (_, port):
        data = ("--data-binary", f"@{tmp_path}/large.json")
        status, _, body = await curl(*JSON, *AUTHORIZED, *data, f"http://127.0.0.1:{port}/fhir/Binary")
    assert (413, "too-long") == (status, json.loads(body)["issue"][0]["code"])


@needs_curl
async def test_bundles_of_curl(tmp_path: Path) -> None:
    """A transaction is all or nothing; of a batch each entry has its own status."""
    good = {"resource": json.loads(PATIENT), "request": {"method": "POST", "url": "Patient"}}
    bad = {"resource": {"resourceType": "Patient", "gender": "banana"}, "request": {"method": "POST", "url": "Patient"}}
    async with Sandbox(tmp_path / "stores") as sandbox, gateway(tmp_path, sandbox) as (_, port):
        answers = {}
        for kind in ("transaction", "batch"):
            bundle = json.dumps({"resourceType": "Bundle", "type": kind, "entry": [good, bad]})
            answers[kind] = await curl(*JSON, *AUTHORIZED, "-d", bundle, f"http://127.0.0.1:{port}/fhir")
            assert (kind == "batch") == bool(await held(sandbox))
        assert (400, 200) == (answers["transaction"][0], answers["batch"][0])
        entries = json.loads(answers["batch"][2])["entry"]
        assert ["201", "400"] == [each["response"]["status"][:3] for each in entries]
        assert 1 == len(await held(sandbox))


@needs_curl
async def test_mutual_tls(tmp_path: Path) -> None:
    """Where certificates are required, a peer without one does not get as far as a request; one with needs a token."""
    authority = Authority(tmp_path)
    server, client = authority.issue("server"), authority.issue("app")
    tls = (
        f", tls: {{certificate_file: {server.certificate}, key_file: {server.key},"
        f" client_ca_file: {authority.certificate}, client_auth: required}}"
    )
    async with Sandbox(tmp_path / "stores") as sandbox, gateway(tmp_path, sandbox, tls) as (_, port):
        url = f"https://localhost:{port}/fhir/Patient"
        trusted = ("--cacert", authority.certificate, *JSON, "-d", PATIENT, url)
        shown = _shown(client)
        assert [201, 401] == [(await curl(*shown, *more, *trusted))[0] for more in (AUTHORIZED, ())]
        status, output = await run("curl", "-sS", "--max-time", "30", *AUTHORIZED, *trusted)
        assert 0 != status, output
        assert 1 == len(await held(sandbox))


def _shown(pair: Pair) -> tuple[str | Path, ...]:
    return ("--cert", pair.certificate, "--key", pair.key)


@needs_fhirpy
async def test_fhirpy(tmp_path: Path) -> None:
    """The client creates, updates, executes and deletes, and understands the refusal of a mistake."""
    async with Sandbox(tmp_path / "stores") as sandbox, gateway(tmp_path, sandbox) as (_, port):
        url = f"http://127.0.0.1:{port}/fhir"
        status, output = await run(PYTHON_PEERS / "python", PYTHON_SCRIPTS / "fhirpy_client.py", url, TOKEN)
        assert 0 == status, output
        told = json.loads(output)
        assert (["201"], "error") == (told["executed"], told["mistake"])
        assert [True] == [each["active"] for each in await held(sandbox)]


@needs_curl
async def test_a_store_that_is_away(tmp_path: Path) -> None:
    """Without its store the gateway answers 503 with the time to come again; with the store, it works again."""
    async with Sandbox(tmp_path / "stores") as sandbox:
        url, port = sandbox.fhir_url(), sandbox.port
        async with gateway(tmp_path, sandbox) as (_, listening):
            ask = (*JSON, *AUTHORIZED, "-d", PATIENT, f"http://127.0.0.1:{listening}/fhir/Patient")
            await sandbox.__aexit__(None, None, None)
            status, headers, _ = await curl(*ask)
            assert (503, True) == (status, int(headers["retry-after"]) > 0)
            async with Sandbox(tmp_path / "stores", port=port) as again:
                assert url == again.fhir_url()
                async with asyncio.timeout(60):
                    while (await curl(*ask))[0] != 201:
                        await asyncio.sleep(0.1)
