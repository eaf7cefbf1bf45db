"""Locations."""

from tests.gateway.sandbox.resources.conftest import DATASET, LOCATION, Ask


async def test_locations(ask: Ask) -> None:
    """Locations in use are listed beside the one that is always there; any other can be asked for."""
    await ask("POST", f"{LOCATION}/datasets?datasetId=d")
    await ask("POST", f"{DATASET.replace('/l/', '/m/').replace('projects/p', 'projects/q')}/dicomStores?dicomStoreId=d")
    _, found = await ask("GET", "projects/p/locations")
    assert [each["locationId"] for each in found["locations"]] == ["l", "us-central1"]
    _, one = await ask("GET", LOCATION)
    assert (one["name"], one["locationId"]) == (LOCATION, "l")
