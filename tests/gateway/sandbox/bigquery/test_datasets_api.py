"""Projects and datasets over HTTP."""

from tests.gateway.sandbox.bigquery.conftest import Ask


async def test_datasets(ask: Ask) -> None:
    """A dataset is made, shown, changed and removed."""
    status, made = await ask("POST", "datasets", {"datasetReference": {"datasetId": "lab"}, "description": "a"})
    assert (200, "p:lab", "a") == (status, made["id"], made["description"])
    status, error = await ask("POST", "datasets", {"datasetReference": {"datasetId": "lab"}})
    assert (409, "duplicate") == (status, error["error"]["errors"][0]["reason"])
    _, listed = await ask("GET", "datasets")
    assert ["lab"] == [each["datasetReference"]["datasetId"] for each in listed["datasets"]]
    _, changed = await ask("PATCH", "datasets/lab", {"description": None, "labels": {"k": "v"}})
    assert ({"k": "v"}, False) == (changed["labels"], "description" in changed)
    assert 200 == (await ask("GET", "datasets/lab"))[0]
    assert 204 == (await ask("DELETE", "datasets/lab"))[0]
    assert 404 == (await ask("GET", "datasets/lab"))[0]
    assert 400 == (await ask("POST", "datasets", {"datasetReference": {"datasetId": "../x"}}))[0]
