"""Datasets over HTTP."""

from tests.gateway.sandbox.resources.conftest import DATASET, LOCATION, Ask


async def test_life(ask: Ask) -> None:
    """Creating a dataset answers with an operation that is done; then the dataset can be read and changed."""
    status, operation = await ask("POST", f"{LOCATION}/datasets?datasetId=d", {"timeZone": "UTC"})
    assert (status, operation["name"].startswith(f"{DATASET}/operations/")) == (200, True)
    _, done = await ask("GET", operation["name"])
    assert done["response"] == {
        "@type": "type.googleapis.com/google.cloud.healthcare.v1.dataset.Dataset",
        "name": DATASET,
        "timeZone": "UTC",
    }
    assert (await ask("POST", f"{LOCATION}/datasets?datasetId=d"))[0] == 409
    changed = {"name": DATASET, "timeZone": "Europe/Rome"}
    assert await ask("PATCH", f"{DATASET}?updateMask=timeZone", {"timeZone": "Europe/Rome"}) == (200, changed)
    assert await ask("GET", DATASET) == (200, changed)
    assert await ask("GET", f"{LOCATION}/datasets") == (200, {"datasets": [changed]})
    assert await ask("DELETE", DATASET) == (200, {})
    assert await ask("GET", f"{LOCATION}/datasets") == (200, {})
    assert (await ask("DELETE", DATASET))[0] == 404


async def test_refused(ask: Ask) -> None:
    """A name that is none, and a setting that is none, creates nothing."""
    for query, body in (("", {}), ("?datasetId=a/b", {}), ("?datasetId=d", {"timeZone": 5})):
        assert (await ask("POST", f"{LOCATION}/datasets{query}", body))[0] == 400
    assert await ask("GET", f"{LOCATION}/datasets") == (200, {})
