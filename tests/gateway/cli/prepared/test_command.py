"""``hilum send fhir`` as an operator runs it."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.cli.main import main
from gateway.sandbox.server import Sandbox
from tests.peers.programs import run

PATIENT = {"resourceType": "Patient", "id": "p", "gender": "female", "name": [{"family": "Kowalski-Przybylski"}]}
OBSERVATION = {
    "resourceType": "Observation",
    "id": "o",
    "status": "final",
    "code": {"text": "x"},
    "subject": {"reference": "Patient/p"},
    "valueQuantity": {"value": 1},
}


def configuration(folder: Path, url: str) -> Path:
    """Write a configuration with a FHIR store and one that takes no FHIR."""
    path = folder / "hilum.yaml"
    path.write_text(
        f"""
listeners: {{fhir: {{kind: http, accepts: fhir, port: 0}}}}
destinations:
  records: {{kind: fhir_store, url: "{url}"}}
  pacs: {{kind: dicomweb, url: "http://127.0.0.1:1/"}}
routes: [{{from: fhir, to: records}}]
data_dir: {folder}/data
"""
    )
    return path


async def send(config: Path, *paths: Path, more: tuple[str, ...] = ()) -> tuple[int | None, str]:
    """Run the command; return its exit status and its output."""
    return await run(sys.executable, "-m", "gateway", "send", "fhir", config, "records", *paths, *more)


async def held(sandbox: Sandbox, kind: str) -> list[Mapping[str, object]]:
    """Return the resources of a type in the store."""
    async with ClientSession() as client, client.get(f"{sandbox.fhir_url()}/{kind}") as response:
        return [each["resource"] for each in (await response.json(content_type=None)).get("entry", [])]


@pytest.mark.slow
async def test_a_folder(tmp_path: Path) -> None:
    """Patients are there before what refers to them; numbers keep their digits; a second run has nothing to do."""
    export = tmp_path / "export"
    export.mkdir()
    text = json.dumps(OBSERVATION).replace('"value": 1', '"value": 4.10')
    (export / "Observation.ndjson").write_text(f"{text}\n")
    (export / "Patient.ndjson").write_text(f"{json.dumps(PATIENT)}\n")
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": []}
    (export / "bundle.json").write_text(json.dumps(bundle))
    async with Sandbox(tmp_path / "stores") as sandbox:
        config = configuration(tmp_path, sandbox.fhir_url())
        status, output = await send(config, export)
        assert 0 == status, output
        assert "3 in all: 3 accepted" in output
        assert ["p"] == [each["id"] for each in await held(sandbox, "Patient")]
        async with ClientSession() as client, client.get(f"{sandbox.fhir_url()}/Observation/o") as response:
            assert "4.10" in await response.text()
        status, output = await send(config, export)
        assert 0 == status, output
        assert "before: 3 stored, 0 refused" in output
        status, output = await send(config, export, more=("--restart",))
        assert "3 in all: 3 accepted" in output


@pytest.mark.slow
async def test_refusals(tmp_path: Path) -> None:
    """A refused line is told by file, line, issue code and path, without a value; the status says so, also later."""
    bad = {**PATIENT, "gender": "Kowalski-Przybylski"}
    path = tmp_path / "a.ndjson"
    path.write_text(f"{json.dumps(PATIENT)}\n{json.dumps(bad)}\nKowalski-Przybylski\n")
    async with Sandbox(tmp_path / "stores") as sandbox:
        config = configuration(tmp_path, sandbox.fhir_url())
        status, output = await send(config, path)
        again, _ = await send(config, path)
    assert (1, 1) == (status, again)
    refused = {
        line.partition(f"{path}:")[2].partition(" ")[0]: line
        for line in output.splitlines()
        if line.startswith("refused")
    }
    assert ["2", "3"] == sorted(refused)
    assert "Patient.gender" in refused["2"]
    assert "the body is not JSON" in refused["3"]
    assert "Kowalski" not in output
    progress = next((tmp_path / "data" / "send").iterdir())
    assert "Kowalski" not in progress.read_text()


async def test_no_store(tmp_path: Path) -> None:
    """Without a store the sending stops after the patience, and says how to go on."""
    path = tmp_path / "a.json"
    path.write_text(json.dumps(PATIENT))
    status, output = await send(configuration(tmp_path, "http://127.0.0.1:1/fhir"), path, more=("--patience", "0.1"))
    assert 1 == status
    assert "stopped: " in output
    assert "run the same command again to send the rest" in output


MISTAKES = {
    "another destination": (["other", "a.json"], "there is no such destination; there are pacs, records"),
    "no FHIR": (["pacs", "a.json"], "kind dicomweb takes no FHIR"),
    "no file": (["records", "none.json"], "none.json: is no file"),
}


@pytest.mark.parametrize(("words", "reason"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], reason: str) -> None:
    """A mistake is one sentence, before anything is sent."""
    (tmp_path / "a.json").write_text(json.dumps(PATIENT))
    config = configuration(tmp_path, "http://127.0.0.1:1/fhir")
    assert 2 == main(["send", "fhir", str(config), words[0], str(tmp_path / words[1])])
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize("more", [("--concurrency", "0"), ("--patience", "x")])
def test_options(tmp_path: Path, more: tuple[str, str]) -> None:
    """An option that is no number is a mistake."""
    with pytest.raises(SystemExit) as caught:
        main(["send", "fhir", "c", "d", str(tmp_path), *more])
    assert 2 == caught.value.code


async def test_steps_of_the_destination(tmp_path: Path) -> None:
    """What a destination's own step refuses is not sent: the command is no way past it."""
    (tmp_path / "research.key").write_text("5a" * 32)
    path = tmp_path / "Patient.ndjson"
    of_unknown_system = PATIENT | {"identifier": [{"system": "urn:oid:1.2", "value": "4815162"}]}
    path.write_text(f"{json.dumps(of_unknown_system)}\n")
    async with Sandbox(tmp_path / "stores") as sandbox:
        config = configuration(tmp_path, sandbox.fhir_url())
        step = f"steps: {{anonymous: {{kind: deidentify, key_file: {tmp_path}/research.key}}}}\n"
        text = config.read_text().replace("kind: fhir_store,", "kind: fhir_store, via: [anonymous],")
        config.write_text(step + text)
        status, output = await send(config, path)
        assert status == 1
        assert "step anonymous: " in output
        assert "Kowalski" not in output
        assert [] == await held(sandbox, "Patient")
