"""The discovery document."""

from gateway.sandbox.bigquery.discovery import METHODS, document


def test_document() -> None:
    """Every method is there with its path and parameters, below the address of the sandbox."""
    found = document("http://h")
    assert ("http://h/", "bigquery/v2/") == (found["rootUrl"], found["servicePath"])
    count = 0
    for each in found["resources"].values():
        for method in each["methods"].values():
            count += 1
            assert all(f"{{{name}}}" in method["path"] for name in method["parameterOrder"])
            for side in ("request", "response"):
                assert method.get(side, {"$ref": "Job"})["$ref"] in found["schemas"]
    assert len(METHODS) == count


def test_a_client_is_made_of_it() -> None:
    """Google's client for any API can be made of the document."""
    import pytest  # noqa: PLC0415

    discovery = pytest.importorskip("googleapiclient.discovery", reason="google-api-python-client is not installed")
    http = pytest.importorskip("httplib2", reason="google-api-python-client is not installed").Http()
    client = discovery.build_from_document(document("http://h"), http=http)
    request = client.tables().get(projectId="p", datasetId="d", tableId="t")
    assert request.uri.startswith("http://h/bigquery/v2/projects/p/datasets/d/tables/t")
