"""What stores of the sandbox hold into a bucket, and from there into empty stores: the same."""

import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.sandbox.server import Sandbox
from tests.dicom_files import data_set
from tests.gateway.cli.importing.support import configured, dicom, exported, hl7, patient, put, run


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    """Run the embedded stores; return the address of their dataset."""
    async with Sandbox(tmp_path / "stores") as sandbox:
        yield f"{sandbox.url}/v1/projects/p/locations/l/datasets/d"


def end(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the counts at the end of the report."""
    counts: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return counts


def keys(folder: Path) -> list[str]:
    """Return the names of all files."""
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def digests(folder: Path) -> dict[str, str]:
    """Return the digests of all files by their names."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in keys(folder)}


async def test_dicom(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An object for each instance; a second export writes nothing; an empty store gets the same instances, once.

    Also where the second import has forgotten the first one.
    """
    config, files = configured(tmp_path, url), dicom(tmp_path / "made", 5)
    put(tmp_path / "archive", {f"in/{number}.dcm": data for number, data in enumerate(files)})
    assert await run("import", config, "archive/in/", "images", "--json") == 0
    assert await run("export", config, "images", "archive/out", "--json") == 0
    assert end(capsys)["objects"] == {"stored": 5}
    written = [(tmp_path / "archive" / "out" / key).read_bytes() for key in keys(tmp_path / "archive" / "out")]
    assert {data_set(each) for each in written} == {data_set(each) for each in files}
    assert await run("export", config, "images", "archive/out", "--json") == 0
    assert end(capsys)["objects"] == {"skipped": 5}
    assert await run("import", config, "archive/out/**", "other-images", "--json") == 0
    assert await run("export", config, "other-images", tmp_path / "again", "--json") == 0
    assert digests(tmp_path / "again") == digests(tmp_path / "archive" / "out")
    for ledger in (tmp_path / "data" / "import").glob("*.ledger"):
        ledger.unlink()
    assert await run("import", config, "archive/out/**", "other-images", "--json") == 0
    assert await run("export", config, "other-images", tmp_path / "once-more", "--json") == 0
    assert digests(tmp_path / "once-more") == digests(tmp_path / "again")
    assert await run("export", config, "images", "archive/out", "--json", "--on-conflict", "refuse") == 1
    assert end(capsys)["objects"] == {"refused": 5}


async def test_hl7v2(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Lines as Google writes them; objects that are there already are not replaced unless that is asked for."""
    config = configured(tmp_path, url)
    messages = [hl7(f"N{number}") for number in range(120)]
    put(tmp_path / "archive", {"in.ndjson": b"\n".join(map(exported, messages))})
    assert await run("import", config, "archive", "messages", "--json") == 0
    assert await run("export", config, "messages", tmp_path / "out", "--json") == 0
    assert end(capsys)["messages_stored"] == 120
    assert keys(tmp_path / "out") == ["messages-000001.ndjson"]
    assert await run("import", config, tmp_path / "out", "other-messages", "--json") == 0
    assert await run("export", config, "other-messages", tmp_path / "again", "--json") == 0
    digests = [
        sorted(
            hashlib.sha256(line).hexdigest() for line in (folder / "messages-000001.ndjson").read_bytes().splitlines()
        )
        for folder in (tmp_path / "out", tmp_path / "again")
    ]
    assert digests[0] == digests[1]
    lines = (tmp_path / "again" / "messages-000001.ndjson").read_bytes().splitlines()
    assert all(json.loads(line)["labels"] == {"a": "b", "hilum": "gateway"} for line in lines)
    capsys.readouterr()
    assert await run("export", config, "messages", tmp_path / "out", "--json") == 1
    assert "--on-conflict overwrite" in capsys.readouterr().out
    assert await run("export", config, "messages", tmp_path / "out", "--json", "--on-conflict", "overwrite") == 0


@pytest.mark.parametrize(
    ("structure", "names"),
    [
        ("RESOURCE", ["Observation-000001.ndjson", "Patient-000001.ndjson"]),
        ("BUNDLE", ["Observation-000001.ndjson", "Patient-000001.ndjson"]),
        ("RESOURCE_PRETTY", ["Observation/o.json", "Patient/a.json", "Patient/b.json"]),
        ("BUNDLE_PRETTY", ["Observation-000001.json", "Patient-000001.json"]),
    ],
)
async def test_fhir(tmp_path: Path, url: str, structure: str, names: list[str]) -> None:
    """Each content structure, and back into an empty store: the same resources, digit for digit."""
    config = configured(tmp_path, url)
    value = {"value": 4.10, "unit": "mmol/L"}
    observation = {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "code": {"text": "K"},
        "valueQuantity": value,
    }
    lines = [json.dumps(each) for each in (patient("a"), patient("b"), observation)]
    put(tmp_path / "archive", {"in.ndjson": "\n".join(lines).replace("4.1", "4.10").encode()})
    assert await run("import", config, "archive/in.ndjson", "records") == 0
    assert await run("export", config, "records", tmp_path / "out", "--content-structure", structure) == 0
    assert keys(tmp_path / "out") == names
    assert b"4.10" in b"".join((tmp_path / "out" / each).read_bytes() for each in names)
    assert await run("import", config, tmp_path / "out", "other-records") == 0
    for place in ("Patient/a", "Patient/b", "Observation/o"):
        one, other = [await _resource(f"{url}/fhirStores/{store}/fhir/{place}") for store in ("records", "other")]
        assert one == other


async def _resource(url: str) -> dict[str, Any]:
    async with aiohttp.ClientSession() as session, session.get(url) as reply:
        found: dict[str, Any] = await reply.json(content_type=None)
    assert found.pop("meta")
    return found


async def test_what_is_not_there(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each mistake is told with its mend."""
    more = 'destinations: {post: {kind: http, url: "http://127.0.0.1:1/"}}\n'
    config = configured(tmp_path, url)
    config.write_text(more + "buckets: {archive: {kind: folder, url: " + f"{tmp_path}" + "}}\n")
    for source, bucket, why in (
        ("absent", "archive", "there is no such destination; there are post"),
        ("post", "archive", "kind http cannot be read; name one of kind"),
    ):
        assert await run("export", config, source, bucket) == 2
        assert why in capsys.readouterr().err
    config = configured(tmp_path, url)
    assert await run("export", config, "images", "archive/*") == 2
    assert "has a wildcard" in capsys.readouterr().err
