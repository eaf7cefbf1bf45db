"""Objects of a bucket into stores of the sandbox: every form, every failure by name, and a second run does nothing."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.objects.folder import Folder
from gateway.sandbox.server import Sandbox
from tests.dicom_files import make_instance
from tests.gateway.cli.importing.support import (
    configured,
    dicom,
    exported,
    get,
    gz,
    hl7,
    instances,
    patient,
    put,
    run,
    zipped,
)


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    """Run the embedded stores; return the address of their dataset."""
    async with Sandbox(tmp_path / "stores") as sandbox:
        yield f"{sandbox.url}/v1/projects/p/locations/l/datasets/d"


def told(capsys: pytest.CaptureFixture[str]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the lines of the report, and the counts at its end."""
    *lines, end = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return lines, end


async def test_dicom(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Plain, gzipped, zipped, without preamble; what is none is named with its reason; a second run sends nothing."""
    config, files = configured(tmp_path, url), dicom(tmp_path / "made", 6)
    put(
        tmp_path / "archive",
        {
            "in/plain.dcm": files[0],
            "in/packed.dcm.gz": gz(files[1]),
            "in/study.zip": zipped({"a/1.dcm": files[2], "a/2.dcm.gz": gz(files[3]), "a/readme.txt": b"hello"}),
            "in/bare": files[4][132:],
            "in/twice.dcm": files[0],
            "in/notes.txt": b"no medical image",
            "in/damaged.gz": gz(files[5])[:-40],
            "in/empty.dcm": b"",
            "out/of/it.dcm": files[5],
        },
    )
    assert await run("import", config, "archive/in/**", "images", "--json") == 1
    lines, end = told(capsys)
    root = f"{tmp_path}/archive/in"
    assert {(each["uri"], each["part"], each["reason"]) for each in lines} == {
        (f"{root}/study.zip", "a/readme.txt", "it is no DICOM, no HL7v2 and no FHIR in JSON"),
        (f"{root}/notes.txt", "", "it is no DICOM, no HL7v2 and no FHIR in JSON"),
        (f"{root}/damaged.gz", "", "the gzip file is not whole"),
        (f"{root}/empty.dcm", "", "it is empty"),
    }
    assert end["objects"] == {"stored": 4, "refused": 4}
    assert (end["messages_stored"], end["stopped"]) == (6, "")
    assert len(await instances(url)) == 5
    assert await run("import", config, "archive/in/**", "images", "--json") == 1
    again, end = told(capsys)
    assert sorted(map(str, again)) == sorted(map(str, lines))
    assert (end["objects"], end["done_before"], end["messages_stored"]) == ({}, 8, 0)


async def test_conflicts(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Another instance with the same UID is skipped as Google does, reported, or replaces the one in the store."""
    config, (one,) = configured(tmp_path, url), dicom(tmp_path / "made", 1)
    other = one.replace(b"TEST^NOBODY", b"SOME^BODY^A")
    put(tmp_path / "archive", {"a.dcm": one})
    assert await run("import", config, "archive", "images", "--json") == 0
    put(tmp_path / "archive", {"a.dcm": other})
    assert await run("import", config, "archive", "images", "--json") == 0
    assert told(capsys)[1]["objects"] == {"skipped": 1}
    put(tmp_path / "archive", {"a.dcm": other + b""})
    assert await run("import", config, "archive/a.dcm", "images", "--json", "--on-conflict", "refuse") == 1
    (line,), end = told(capsys)
    assert (line["state"], end["objects"]) == ("refused", {"refused": 1})
    assert await run("import", config, "archive", "images", "--json", "--on-conflict", "overwrite", "--again") == 0
    assert told(capsys)[1]["objects"] == {"stored": 1}
    found = await get(f"{url}/dicomStores/images/dicomWeb/studies?00100010=SOME*", "application/dicom+json")
    assert len(found) == 1


async def test_hl7v2(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Lines as Google exports them, files as they come, and batches; each refused message has its line."""
    config = configured(tmp_path, url)
    lines = [exported(hl7(f"N{number}")) for number in range(20)] + [b'{"data": "no base64!"}', b""]
    lines += [exported(hl7("LABELS")).replace(b'"b"', b"5")]
    put(
        tmp_path / "archive",
        {
            "messages.ndjson": b"\n".join(lines),
            "one.hl7": hl7("ONE"),
            "two.hl7": b"\x0b" + hl7("T1") + b"\x1c\r\x0b" + hl7("T2") + b"\x1c\r",
            "packed.ndjson.gz": gz(exported(hl7("GZ"))),
        },
    )
    assert await run("import", config, "archive", "messages", "--json") == 1
    told_of, end = told(capsys)
    assert ["21", "23"] == [each["part"] for each in told_of]
    assert ("HL7v2: the labels do not map texts to texts", 24) == (told_of[1]["reason"], end["messages_stored"])
    stored = await get(f"{url}/hl7V2Stores/messages/messages?pageSize=100")
    assert len(stored["hl7V2Messages"]) == 24
    labelled = await get(f"{url}/hl7V2Stores/messages/messages?view=RAW_ONLY&pageSize=100")
    labels = [each["labels"] for each in labelled["hl7V2Messages"]]
    assert (21, 24) == (labels.count({"a": "b", "hilum": "gateway"}), len(labels))
    assert await run("import", config, "archive", "messages", "--json") == 1
    assert told(capsys)[1]["messages_stored"] == 0


@pytest.mark.parametrize("structure", ["RESOURCE", "BUNDLE", "RESOURCE_PRETTY", "BUNDLE_PRETTY", ""])
async def test_fhir(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str], structure: str) -> None:
    """The four content structures, and what the file looks like where none is named."""
    config = configured(tmp_path, url)
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient(x)} for x in "ab"]}
    files = {
        "RESOURCE": b"\n".join(json.dumps(patient(x)).encode() for x in "ab"),
        "BUNDLE": json.dumps(bundle).encode(),
        "RESOURCE_PRETTY": json.dumps(patient("a"), indent=2).encode(),
        "BUNDLE_PRETTY": json.dumps(bundle, indent=2).encode(),
    }
    names = {name.lower(): data for name, data in files.items() if name == structure or not structure}
    put(tmp_path / "archive", names)
    told_how = ["--content-structure", structure] if structure else []
    assert await run("import", config, "archive", "records", "--json", *told_how) == 0
    assert told(capsys)[1]["objects"] == {"stored": len(names)}
    found = await get(f"{url}/fhirStores/records/fhir/Patient?_count=10")
    expected = {"a"} if structure == "RESOURCE_PRETTY" else {"a", "b"}
    assert {each["resource"]["id"] for each in found["entry"]} == expected


async def test_what_is_not_there(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each mistake on the command line is told with what there is."""
    config = configured(tmp_path, url)
    for source, destination, why in (
        ("archive", "absent", "there is no such destination; there are images"),
        ("gs://absent/x", "images", "no bucket of the configuration has this address; there is archive"),
        ("archive/**/x", "images", "SOURCE: the pattern has **"),
        ("archive/in", "images", "there is no object of this name; for all that is below a folder"),
        (str(tmp_path / "absent"), "images", "there is no folder or file of this name, and no bucket"),
    ):
        assert await run("import", config, source, destination) == 2
        assert why in capsys.readouterr().err
    (tmp_path / "archive").rename(tmp_path / "elsewhere")
    assert await run("import", config, "archive", "images", "--patience", "0.1") == 1
    assert "stopped: SOURCE: the folder of the bucket does not exist" in capsys.readouterr().out


async def test_another_format(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A store that does not take the format of an object never gets it."""
    config = configured(tmp_path, url)
    put(tmp_path / "archive", {"one.hl7": hl7("ONE")})
    assert await run("import", config, tmp_path / "archive", "images", "--json") == 1
    (line,), _ = told(capsys)
    assert line["reason"] == "the destination takes no HL7v2"


async def test_audit(tmp_path: Path, url: str) -> None:
    """Each run is an event of its own; whose instances it has moved is in the events of the transfers."""
    trail = tmp_path / "trail"
    config, files = configured(tmp_path, url, f"audit: {{file: {trail}}}\n"), dicom(tmp_path / "made", 2)
    put(tmp_path / "archive", {f"in/{number}.dcm": data for number, data in enumerate(files)})
    assert await run("import", config, "archive/in/", "images") == 0
    assert await run("export", config, "images", "archive/out") == 0
    put(tmp_path / "archive", {"bad/a.dcm": b"none"})
    assert await run("import", config, "archive/bad/", "images") == 1
    events = [json.loads(line) for line in trail.read_text().splitlines()]
    found = [(each["EventIdentification"]["EventID"]["originalText"], each) for each in events]
    results = [(name, each["EventIdentification"]["EventOutcomeIndicator"]) for name, each in found]
    assert [each for each in results if each[0] in {"Import", "Export"}] == [
        ("Import", "0"),
        ("Export", "0"),
        ("Import", "4"),
    ]
    (transfer,) = [each for name, each in found if name == "DICOM Instances Transferred"]
    assert "TEST^NOBODY" in json.dumps(transfer)


async def test_into_a_table(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large instance that becomes a row no more is read than its header needs; the row is that of the whole."""
    duckdb = pytest.importorskip("duckdb", reason="the extra `tables` is not installed")
    config = configured(tmp_path, url)
    config.write_text(config.read_text().replace("buckets:", "  metadata: {kind: table, table: t}\nbuckets:"))
    files = [make_instance(tmp_path / "archive", number, "1.2", "1.3", rows=512, columns=512) for number in range(4)]
    packed = files.pop()
    (tmp_path / "archive" / "packed.gz").write_bytes(gz(packed.read_bytes()))
    packed.unlink()
    whole, read = sum(each.stat().st_size for each in files), []
    reading = Folder.read

    async def counted(self: Folder, key: str, first: int = 0, count: int | None = None) -> bytes:
        octets = await reading(self, key, first, count)
        read.append(len(octets))
        return octets

    def stream(*_: object) -> AsyncIterator[bytes]:
        raise AssertionError

    monkeypatch.setattr(Folder, "read", counted)
    monkeypatch.setattr(Folder, "stream", stream)
    assert await run("import", config, "archive/", "metadata") == 0
    assert sum(read) < 0.15 * whole
    with duckdb.connect() as connection:
        segments = f"SELECT PatientID, BlobStorageSize FROM '{tmp_path}/data/tables/t/segments/*.parquet'"
        found = connection.execute(segments).fetchall()
    sizes = [each.stat().st_size for each in files]
    assert sorted(found) == sorted(("TEST", size) for size in [*sizes, sizes[0]])
