"""The table of kinds, with those that other packages bring."""

import asyncio
import json
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from aiohttp import ClientSession

from adapters.mllp.kind import MLLP
from gateway import kinds
from gateway.contract.errors import ConfigError
from gateway.kinds import BUILT_IN, KINDS, outline_of, table
from gateway.sandbox.server import Sandbox
from tests.mllp_client import adt, code_of, mllp_client
from tests.processes import serving
from tests.toys import TOYS, install

ROOT = Path(__file__).parents[2]
CONFIGURATION = """
listeners: {{in: {{kind: lines, port: 0, acknowledge: {acknowledge}}}}}
destinations: {{out: {{kind: folder, folder: {folder}}}}}
steps: {{capitals: {{kind: upper}}}}
routes: [{{from: in, when: {{first_word: hello}}, via: [capitals], to: out}}]
admin: {{port: 0}}
data_dir: {folder}/data
"""


def test_built_in() -> None:
    """What Hilum ships is in the table, and nothing else where nothing else is installed."""
    assert {each.name for each in BUILT_IN} == {
        *KINDS.listeners,
        *KINDS.destinations,
        *KINDS.steps,
        *KINDS.credentials,
        *KINDS.buckets,
    }


LATER = [
    "adapters.events.intake",
    "adapters.events.listener",
    "adapters.fhir.message",
    "adapters.fhir.rows",
    "adapters.http.listener",
    "adapters.rest.dicomweb.store",
    "adapters.rest.fhir.store",
    "msgspec",
]
"""What only a configuration loads that uses it: together it takes more than 10 MiB."""


def test_loaded_when_used() -> None:
    """A gateway that uses none of these kinds does not have them in its memory."""
    code = "import json, sys, gateway.app; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert [] == [name for name in json.loads(done.stdout) if name in LATER]


def test_one_name_twice() -> None:
    """Two kinds of one sort with the same name are the operator's to mend."""
    with pytest.raises(ConfigError, match="kind 'mllp': two installed packages provide it; remove one of them"):
        table([*BUILT_IN, replace(MLLP)])


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (
            "no.such.module:KIND",
            "cannot be loaded (ModuleNotFoundError); repair or remove the package that provides it",
        ),
        ("gateway.kinds:nothing", "cannot be loaded (AttributeError); repair or remove the package that provides it"),
        ("gateway.kinds:GROUP", "is not a kind; see docs/extending.md"),
    ],
)
def test_broken_package(monkeypatch: pytest.MonkeyPatch, value: str, problem: str) -> None:
    """A package whose kind cannot be had is named with the reason."""
    monkeypatch.setattr(kinds, "entry_points", lambda group: [EntryPoint("bad", value, group)])
    with pytest.raises(ConfigError, match=re.escape(f"kind 'bad': {value} {problem}")):
        list(kinds.installed())


ODD = """
from contextlib import nullcontext
from typing import Literal
from gateway.contract.kind import StepKind
from gateway.contract.settings import Settings
class OddSettings(Settings):
    kind: Literal["{kind}"]
KIND = StepKind("{name}", OddSettings, frozenset({{"dicom"}}), nullcontext)
"""
PACKAGES = {
    "it raises": ("raise RuntimeError", "kind 'odd': odd:KIND cannot be loaded (RuntimeError); repair or remove the"),
    "a name that is taken": (
        ODD.format(kind="edit_dicom", name="edit_dicom"),
        "kind 'edit_dicom': two installed packages provide it; remove one of them (adapters.dicom.settings and odd)",
    ),
    "settings of another kind": (
        ODD.format(kind="other", name="mine"),
        "kind 'odd': the settings of 'mine' in odd:KIND do not name that kind; ask its author to declare",
    ),
}


@pytest.mark.parametrize("command", ["schema", "check hilum.yaml"])
@pytest.mark.parametrize(("code", "problem"), PACKAGES.values(), ids=PACKAGES)
async def test_package_that_is_no_good(tmp_path: Path, code: str, problem: str, command: str) -> None:
    """A package that cannot be used is a line, without a traceback, and exit status 2."""
    install(tmp_path, code, "odd", "odd = odd:KIND")
    pipe, environment = asyncio.subprocess.PIPE, {"PYTHONPATH": str(tmp_path), "PATH": ""}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", *command.split(), stdout=pipe, stderr=pipe, env=environment, cwd=ROOT
    )
    _, said = await process.communicate()
    (line,) = said.decode().splitlines()
    assert (2, True) == (process.returncode, line.startswith(f"hilum: {problem}"))


async def exchange(port: int, *lines: bytes) -> list[bytes]:
    """Send *lines*; return the answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(60):
        writer.writelines(line + b"\n" for line in lines)
        answers = [await reader.readline() for _ in lines]
    writer.close()
    await writer.wait_closed()
    return answers


async def files(folder: Path, count: int) -> list[bytes]:
    """Return what the toy destination has written, once there are so many files; one that is made is empty at first."""
    async with asyncio.timeout(60):
        while len(found := [each for each in folder.iterdir() if each.is_file() and each.stat().st_size]) < count:
            await asyncio.sleep(0.01)
    return sorted(each.read_bytes() for each in found)


@pytest.mark.parametrize("acknowledge", ["relay", "commit"])
async def test_toys(tmp_path: Path, acknowledge: str) -> None:
    """A listener, a destination and a step that another package brings carry messages in both modes."""
    packages, folder = tmp_path / "packages", tmp_path / "out"
    packages.mkdir()
    folder.mkdir()
    install(packages, TOYS)
    text = CONFIGURATION.format(acknowledge=acknowledge, folder=folder)
    async with serving(tmp_path, text, packages=packages) as (_, ports):
        assert [b"Stored\n", b"Refused\n"] == await exchange(ports["in"], b"hello one", b"other two")
        assert [b"HELLO ONE"] == await files(folder, 1)


def blocks(language: str) -> list[str]:
    """Return the code of a language in docs/extending.md."""
    page = (ROOT / "docs" / "extending.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


async def test_example_of_the_docs(tmp_path: Path) -> None:
    """The package of docs/extending.md has about 40 lines; installed and run as it stands, it stores a message."""
    (code, _), (project,), (text,) = blocks("python"), blocks("toml"), blocks("yaml")
    assert len(code.splitlines()) <= 45
    ((name, value),) = tomllib.loads(project)["project"]["entry-points"]["hilum.kinds"].items()
    packages, folder = tmp_path / "packages", tmp_path / "messages"
    packages.mkdir()
    folder.mkdir()
    install(packages, code, "hilum_folder", f"{name} = {value}")
    text = text.replace("port: 2575", "port: 0").replace("/var/lib/messages", str(folder)) + "admin: {port: 0}\n"
    async with serving(tmp_path, text, packages=packages) as (_, ports), mllp_client(ports["adt"]) as client:
        assert "AA" == code_of(await client.ask(adt("C1")))
    assert [adt("C1")] == await files(folder, 1)


CONVERSION = """
listeners: {{adt: {{kind: mllp, port: 0}}}}
steps: {{fhir: {{kind: own_fhir}}}}
destinations: {{records: {{kind: fhir_store, url: {url}}}}}
routes: [{{from: adt, via: [fhir], to: records}}]
admin: {{port: 0}}
data_dir: {folder}
"""
GERMAN = b"MSH|^~\\&|HIS|HOSP|||20240501||ADT^A31|C1|P|2.5\rEVN|A31\rPID|1||7^^^HOSP||Test^Anna||19800315|W\r"


async def test_conversion_of_the_docs(tmp_path: Path) -> None:
    """The conversion of docs/extending.md, installed as it stands, makes of a message what the page says."""
    _, code = blocks("python")
    packages = tmp_path / "packages"
    packages.mkdir()
    install(packages, code, "own_fhir_kind", "own_fhir = own_fhir_kind:KIND")
    async with Sandbox(tmp_path / "sandbox") as sandbox, ClientSession() as client:
        text = CONVERSION.format(url=sandbox.fhir_url(), folder=tmp_path / "data")
        async with serving(tmp_path, text, packages=packages) as (_, ports), mllp_client(ports["adt"]) as peer:
            assert "AA" == code_of(await peer.ask(GERMAN))
        async with client.get(f"{sandbox.fhir_url()}/Patient") as response:
            (found,) = (each["resource"] for each in (await response.json())["entry"])
    assert ([{"text": "TA"}], "female", "1980-03-15") == (found["name"], found["gender"], found["birthDate"])


async def test_schema_and_check_know_them(tmp_path: Path) -> None:
    """The schema has the kinds of other packages; a mistake in one of them is named by its path."""
    packages = tmp_path / "packages"
    packages.mkdir()
    install(packages, TOYS)
    text = CONFIGURATION.format(acknowledge="relay", folder=tmp_path).replace("kind: upper", "kind: upper, loud: yes")
    (tmp_path / "hilum.yaml").write_text(text)
    environment = {"PYTHONPATH": str(packages), "PATH": ""}
    said = []
    for command in (["schema"], ["check", str(tmp_path / "hilum.yaml")]):
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", *command, stdout=pipe, stderr=pipe, env=environment, cwd=ROOT
        )
        said.append(await process.communicate())
    assert all(name in said[0][0] for name in (b"LinesSettings", b"FolderSettings", b"UpperSettings"))
    assert b": steps.capitals.loud: is not a known key; remove it or correct its spelling" in said[1][1]


def test_outlines() -> None:
    """Every format of messages that patients are named in has an outline; of another kind nothing is known."""
    assert outline_of("mllp", KINDS) is not None
    assert outline_of("pubsub_dicom", KINDS) is outline_of("dimse", KINDS) is not None
    assert outline_of("http", KINDS) is not None
    assert outline_of("pigeon", KINDS) is None
