"""Projects."""

from tests.gateway.sandbox.operations_client import DATASET, Api


async def test_projects(api: Api) -> None:
    """Any project is there; those in which there is something are listed, each with a number of its own."""
    assert await api.ask("GET", "projects") == (200, {})
    await api.ask("POST", f"{DATASET}/dicomStores?dicomStoreId=d")
    await api.ask("POST", "projects/q:setIamPolicy", {"policy": {}})
    status, found = await api.ask("GET", "projects")
    assert (status, [each["projectId"] for each in found["projects"]]) == (200, ["p", "q"])
    assert await api.ask("GET", "projects/q") == (200, found["projects"][1])
    _, named = await api.ask("GET", "projects?filter=lifecycleState:ACTIVE AND (id:new-one)")
    assert [each["projectId"] for each in named["projects"]] == ["new-one"]
    assert found["projects"][0]["projectNumber"] != found["projects"][1]["projectNumber"]
