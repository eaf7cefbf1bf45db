"""QIDO-RS over HTTP."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from pydicom import dcmread
from pydicom.uid import UID

from gateway.sandbox.server import Sandbox
from tests.dicom_files import make_instance
from tests.gateway.sandbox.stow_client import Store

# Study, series, modality, date, instances
SERIES = [
    ("1.1", "1.1.1", "CT", "20240101", 2),
    ("1.1", "1.1.2", "PR", "20240101", 1),
    ("1.2", "1.2.1", "MR", "20240202", 1),
]


@pytest.fixture
async def filled(sandbox: Sandbox, store: Store, tmp_path: Path) -> Sandbox:
    """Store four instances in three series of two studies."""
    for study, series, modality, date, count in SERIES:
        for number in range(1, count + 1):
            path = make_instance(tmp_path, number, study, series)
            data_set = dcmread(path)
            data_set.Modality, data_set.StudyDate = modality, date
            data_set.PatientID = f"P-{study}"
            data_set.SOPInstanceUID = data_set.file_meta.MediaStorageSOPInstanceUID = UID(f"{series}.{number}")
            data_set.save_as(path)
            assert (await store(path.read_bytes()))[0] == 200
    return sandbox


async def search(client: ClientSession, sandbox: Sandbox, query: str) -> list[dict[str, Any]]:
    """Return the results of a search."""
    async with client.get(f"{sandbox.dicom_web_url()}/{query}") as response:
        assert response.status in (200, 204), await response.text()
        return await response.json(content_type="application/dicom+json") if response.status == 200 else []


def values(results: list[dict[str, Any]], tag: str) -> list[Any]:
    """Return the first value of one attribute of every result."""
    return [result[tag]["Value"][0] for result in results]


SEARCHES = {
    "studies": ("studies", "0020000D", ["1.1", "1.2"]),
    "by patient": ("studies?PatientID=P-1.2", "0020000D", ["1.2"]),
    "by a part of the name": ("studies?PatientName=test*", "0020000D", ["1.1", "1.2"]),
    "by date": ("studies?StudyDate=20240201-", "0020000D", ["1.2"]),
    "by one of the modalities": ("studies?ModalitiesInStudy=PR", "0020000D", ["1.1"]),
    "by study": ("studies?StudyInstanceUID=1.1", "0020000D", ["1.1"]),
    "by studies": ("studies?StudyInstanceUID=1.1,1.2", "0020000D", ["1.1", "1.2"]),
    "all series": ("series", "0020000E", ["1.1.1", "1.1.2", "1.2.1"]),
    "series by modality": ("series?Modality=CT", "0020000E", ["1.1.1"]),
    "series by an attribute of the study": ("series?PatientID=P-1.1", "0020000E", ["1.1.1", "1.1.2"]),
    "series of a study": ("studies/1.1/series", "0020000E", ["1.1.1", "1.1.2"]),
    "all instances": ("instances", "00080018", ["1.1.1.1", "1.1.1.2", "1.1.2.1", "1.2.1.1"]),
    "by instance": ("instances?SOPInstanceUID=1.1.1.2", "00080018", ["1.1.1.2"]),
    "by instances": ("instances?SOPInstanceUID=1.1.1.2,1.2.1.1", "00080018", ["1.1.1.2", "1.2.1.1"]),
    "instances of a study": ("studies/1.1/instances", "00080018", ["1.1.1.1", "1.1.1.2", "1.1.2.1"]),
    "instances of a series": ("studies/1.1/series/1.1.1/instances", "00080018", ["1.1.1.1", "1.1.1.2"]),
    "by number": ("instances?InstanceNumber=2", "00080018", ["1.1.1.2"]),
    "a page": ("instances?limit=2&offset=1", "00080018", ["1.1.1.2", "1.1.2.1"]),
    "behind the end": ("instances?offset=4", "00080018", []),
    "nothing": ("studies?PatientID=nobody", "0020000D", []),
    "a study that is not there": ("studies/9.9/series", "0020000E", []),
}


@pytest.mark.parametrize(("query", "tag", "expected"), SEARCHES.values(), ids=SEARCHES)
async def test_search(filled: Sandbox, client: ClientSession, query: str, tag: str, expected: list[str]) -> None:
    """What matches is found, once, in the order of arrival."""
    assert values(await search(client, filled, query), tag) == expected


async def test_counts(filled: Sandbox, client: ClientSession) -> None:
    """A study tells how many series and instances it has, and of which modalities; a series its instances."""
    (study,) = await search(client, filled, "studies?PatientID=P-1.1")
    counted = {tag: study[tag]["Value"] for tag in ("00201206", "00201208", "00080061")}
    assert counted == {"00201206": [2], "00201208": [3], "00080061": ["CT", "PR"]}
    series = await search(client, filled, "studies/1.1/series")
    assert values(series, "00201209") == [2, 1]


async def test_retrieve_url(filled: Sandbox, client: ClientSession) -> None:
    """Every result can be retrieved at the address it gives."""
    for query in ("studies", "series", "instances"):
        found = await search(client, filled, query)
        urls = values(found, "00081190")
        assert 0 < len(found) == len(urls)
        for url in urls:
            async with client.get(url) as response:
                assert response.status == 200


async def test_include(filled: Sandbox, client: ClientSession) -> None:
    """More attributes are shown when they are asked for."""
    plain, more, everything = [
        (await search(client, filled, f"instances?limit=1{option}"))[0]
        for option in ("", "&includefield=PhotometricInterpretation", "&includefield=all")
    ]
    assert "00280004" not in plain
    assert more["00280004"]["Value"] == everything["00280004"]["Value"] == ["MONOCHROME2"]
    assert set(plain) < set(more) < set(everything)


async def test_no_content(filled: Sandbox, client: ClientSession) -> None:
    """Nothing found is 204; a bad query is 400; XML is 406."""
    requests: list[tuple[str, dict[str, str]]] = [
        ("studies?PatientID=x", {}),
        ("studies?x=y", {}),
        ("studies", {"Accept": "application/dicom+xml"}),
    ]
    statuses = []
    for query, headers in requests:
        async with client.get(f"{filled.dicom_web_url()}/{query}", headers=headers) as response:
            statuses.append(response.status)
    assert statuses == [204, 400, 406]


async def test_fuzzy(filled: Sandbox, client: ClientSession) -> None:
    """A request for fuzzy matching gets a warning that it is not supported."""
    async with client.get(f"{filled.dicom_web_url()}/studies?fuzzymatching=true") as response:
        assert (response.status, response.headers["Warning"][:3]) == (200, "299")


async def test_stores_are_apart(filled: Sandbox, client: ClientSession) -> None:
    """What is in one store is not in another."""
    async with client.get(f"{filled.dicom_web_url('other')}/instances") as response:
        assert response.status == 204
