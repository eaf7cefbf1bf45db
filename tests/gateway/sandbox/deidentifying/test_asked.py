"""What a request asks for."""

from pathlib import Path
from typing import Any

import pytest

from gateway.sandbox.buckets.folders import Buckets
from gateway.sandbox.deidentifying.asked import Asked, Kind, read_request
from gateway.sandbox.dicom.store import Scope
from gateway.sandbox.google_error import ApiError
from tests.gateway.sandbox.deidentifying.support import FHIR_HERE, FHIR_THERE, HERE, THERE


def asked(folder: Path, kind: Kind = "dicomStores", **body: Any) -> Asked:
    """Return what a request asks for."""
    here, there = (FHIR_HERE, FHIR_THERE) if kind == "fhirStores" else (HERE, THERE)
    return read_request(kind, here, {"destinationStore": there, **body}, Buckets(folder))


def put(folder: Path, content: str) -> str:
    """Write an object."""
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "x").write_text(content)
    return "gs://data/x"


def test_config(tmp_path: Path) -> None:
    """The configuration of the request, of an object, or none."""
    assert asked(tmp_path).config == b"{}"
    assert asked(tmp_path, config={"dicom": {}}).config == b'{"dicom": {}}'
    assert asked(tmp_path, gcsConfigUri=put(tmp_path, '{"fhir": {}}')).config == b'{"fhir": {}}'


def test_paths(tmp_path: Path) -> None:
    """A filter has one path in a line, with either end of line."""
    uri = put(tmp_path, "/studies/1.2\r\n/studies/1.3/series/4\n\n/studies/1.3/series/4/instances/5")
    assert asked(tmp_path, filterConfig={"resourcePathsGcsUri": uri}).paths == (
        Scope(HERE, "1.2"),
        Scope(HERE, "1.3", "4"),
        Scope(HERE, "1.3", "4", "5"),
    )
    assert asked(tmp_path).paths is asked(tmp_path, filterConfig={}).paths is None


def test_resources(tmp_path: Path) -> None:
    """Resources by their addresses; an empty list is all of them."""
    given = {"resources": {"resources": ["Patient/1", "Patient/2"]}}
    assert asked(tmp_path, "fhirStores", resourceFilter=given).resources == {"Patient/1", "Patient/2"}
    empties: list[dict[str, Any]] = [{}, {"resources": {}}, {"resources": {"resources": []}}]
    for empty in empties:
        assert asked(tmp_path, "fhirStores", resourceFilter=empty).resources is None
    assert asked(tmp_path, "fhirStores", skipModifiedResources=True).skips_modified
    assert not asked(tmp_path, "fhirStores").skips_modified


@pytest.mark.parametrize(
    ("kind", "body", "status", "reason"),
    [
        ("dicomStores", {"gcsConfigUri": "gs://data/none"}, 404, "the object of gcsConfigUri does not exist"),
        ("dicomStores", {"gcsConfigUri": "gs://data/*"}, 400, "gcsConfigUri needs the form"),
        ("dicomStores", {"gcsConfigUri": 7}, 400, "gcsConfigUri needs the form"),
        ("dicomStores", {"gcsConfigUri": "gs://data/x"}, 400, "the object of gcsConfigUri is no JSON"),
        ("dicomStores", {"config": []}, None, ""),
        ("dicomStores", {"config": [1]}, 400, "the configuration is no DeidentifyConfig"),
        ("dicomStores", {"filterConfig": []}, 400, "filterConfig must be an object"),
        ("dicomStores", {"filterConfig": {"x": 1}}, 400, "filterConfig has a field"),
        ("dicomStores", {"filterConfig": {"resourcePathsGcsUri": "gs://data/x"}}, 400, "line 2 of the filter is not"),
        ("fhirStores", {"resourceFilter": {"resources": ["Patient/1"]}}, 400, "resourceFilter needs the form"),
        ("fhirStores", {"resourceFilter": {"resources": {"resources": [1]}}}, 400, "resourceFilter needs the form"),
        ("fhirStores", {"skipModifiedResources": "yes"}, 400, "skipModifiedResources is not true or false"),
        ("fhirStores", {"filterConfig": {}}, 400, "the request has a field that is not one of"),
    ],
)
def test_mistakes(tmp_path: Path, kind: Kind, body: dict[str, Any], status: int | None, reason: str) -> None:
    """What is wrong is told with its field."""
    put(tmp_path, "/studies/1.2\n/study/1.3\n")
    if status is None:  # an empty list is nothing
        assert asked(tmp_path, kind, **body).config == b"{}"
        return
    with pytest.raises(ApiError) as raised:
        asked(tmp_path, kind, **body)
    assert raised.value.status == status
    assert raised.value.reason.startswith(reason)
