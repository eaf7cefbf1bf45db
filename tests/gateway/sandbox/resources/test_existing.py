"""``--strict``."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.sandbox.server import Sandbox
from tests.gateway.sandbox.resources.conftest import DATASET, LOCATION, Ask


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """Run a strict sandbox."""
    async with Sandbox(tmp_path / "data", strict=True) as running:
        yield running


@pytest.mark.parametrize(
    ("kind", "query", "path"),
    [
        ("dicomStores", "dicomStoreId=s", "dicomWeb/studies"),
        ("hl7V2Stores", "hl7V2StoreId=s", "messages"),
        ("fhirStores", "fhirStoreId=s", "fhir/Patient"),
    ],
)
async def test_what_was_not_created(ask: Ask, kind: str, query: str, path: str) -> None:
    """Neither dataset nor store is there before it was created, nor after it was deleted."""
    store = f"{DATASET}/{kind}/s"
    body = {"version": "R4"} if kind == "fhirStores" else {}
    status, reply = await ask("POST", f"{DATASET}/{kind}?{query}", body)
    assert (status, reply["error"]["message"].startswith("there is no such dataset")) == (404, True)
    await ask("POST", f"{LOCATION}/datasets?datasetId=d")
    for method, missing in (("GET", store), ("GET", f"{store}/{path}"), ("GET", f"{store}:getIamPolicy")):
        status, reply = await ask(method, missing)
        assert (status, reply["error"]["message"].startswith("there is no such store")) == (404, True), missing
    assert (await ask("POST", f"{DATASET}/{kind}?{query}", body))[0] == 200
    assert (await ask("GET", f"{store}/{path}"))[0] in {200, 204}
    assert (await ask("DELETE", store))[0] == 200
    assert (await ask("GET", f"{store}/{path}"))[0] == 404


async def test_operations(ask: Ask) -> None:
    """The operation that created a dataset can be read."""
    _, operation = await ask("POST", f"{LOCATION}/datasets?datasetId=d")
    assert (await ask("GET", operation["name"]))[0] == 200
    assert (await ask("GET", f"{DATASET}/consentStores"))[0] == 501
