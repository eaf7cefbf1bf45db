"""docs/how-to/prepared-fhir-files.md: its configuration is valid, and the command does what the page says."""

import gzip
import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from gateway.cli.main import build_parser
from gateway.config.loading import parse
from gateway.sandbox.server import Sandbox
from tests.peers.programs import run

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "how-to" / "prepared-fhir-files.md").read_text()
(CONFIGURATION,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
(COMMAND,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
STORE = re.compile(r"    url: .*\n    credentials: .*\n")


def test_page_of_the_listener() -> None:
    """The configuration of docs/fhir-listener.md is valid."""
    (text,) = re.findall(r"```yaml\n(.*?)```", (DOCS / "fhir-listener.md").read_text(), re.DOTALL)
    assert ["records-in"] == list(parse(text).ports)


def test_options() -> None:
    """The options that the page names are options of the command."""
    named = set(re.findall(r"`(--[a-z]+)", PAGE))
    words = shlex.split(COMMAND.partition(">")[0])[1:]
    given = vars(build_parser().parse_args(words))
    assert {"--concurrency", "--patience", "--progress", "--restart"} == named
    assert all(each.removeprefix("--") in given for each in named)


@pytest.mark.slow
async def test_sent(tmp_path: Path) -> None:
    """The files of a folder are stored, and a refused line is told with file, line, code and path."""
    export = tmp_path / "export"
    export.mkdir()
    patients = [{"resourceType": "Patient", "id": str(number), "active": True} for number in range(5)]
    observations = [
        {
            "resourceType": "Observation",
            "id": str(number),
            "status": "nonsense" if number == 3 else "final",
            "code": {"text": "x"},
            "subject": {"reference": f"Patient/{number % 5}"},
        }
        for number in range(20)
    ]
    for kind, resources in (("Patient", patients), ("Observation", observations)):
        text = "".join(f"{json.dumps(each)}\n" for each in resources)
        (export / f"{kind}.ndjson.gz").write_bytes(gzip.compress(text.encode()))
    async with Sandbox(tmp_path / "stores") as sandbox:
        text = STORE.sub(f"    url: {sandbox.fhir_url()}\n", CONFIGURATION)
        (tmp_path / "hilum.yaml").write_text(text.replace("/var/lib/hilum", str(tmp_path / "data")))
        words = shlex.split(COMMAND.partition(">")[0].replace("hilum.yaml", str(tmp_path / "hilum.yaml")))
        command = [str(export) if each == "export/" else each for each in words[1:]]
        status, said = await run(sys.executable, "-m", "gateway", *command)
    (refused,) = [line for line in said.splitlines() if line.startswith("refused")]
    assert 1 == status
    assert f"{export}/Observation.ndjson.gz:4  the store said structure at Observation.status" in refused
    assert "nonsense" not in said
    assert "25 in all: 24 accepted, 1 refused" in said
