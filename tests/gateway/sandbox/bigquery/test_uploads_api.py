"""Load jobs with their file."""

import json

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox
from tests.gateway.sandbox.bigquery.conftest import Ask

JOB = {
    "configuration": {
        "load": {
            "sourceFormat": "NEWLINE_DELIMITED_JSON",
            "destinationTable": {"projectId": "p", "datasetId": "lab", "tableId": "t"},
        }
    }
}


@pytest.mark.parametrize("prefix", ["", "resumable/"])
async def test_in_parts(sandbox: Sandbox, client: ClientSession, ask: Ask, table: str, prefix: str) -> None:
    """308 says which octets have arrived; the job runs when all have."""
    url = f"{sandbox.url}/{prefix}upload/bigquery/v2/projects/p/jobs?uploadType=resumable"
    async with client.post(url, json=JOB) as response:
        address = response.headers["Location"]
    content = b'{"id": 1}\n{"id": 2}\n'
    first, rest = {"Content-Range": "bytes 0-4/*"}, {"Content-Range": f"bytes 5-{len(content) - 1}/{len(content)}"}
    async with client.put(address, data=content[:5], headers=first, allow_redirects=False) as response:
        assert (308, "bytes=0-4") == (response.status, response.headers["Range"])
    async with client.put(address, data=content[5:], headers=rest) as response:
        assert "2" == (await response.json())["statistics"]["load"]["outputRows"]
    async with client.put(address, data=content[5:], headers=rest) as response:
        assert 404 == response.status
    assert "2" == (await ask("GET", table))[1]["numRows"]


async def test_in_one_request(sandbox: Sandbox, client: ClientSession, ask: Ask, table: str) -> None:
    """One request has the job and the file."""
    url = f"{sandbox.url}/upload/bigquery/v2/projects/p/jobs?uploadType=multipart"
    body = "\r\n".join(
        ["--b", "Content-Type: application/json", "", json.dumps(JOB), "--b", "", '{"id": 1}', "--b--", ""]
    )
    headers = {"Content-Type": "multipart/related; boundary=b"}
    async with client.post(url, data=body.encode(), headers=headers) as response:
        assert "1" == (await response.json())["statistics"]["load"]["outputRows"]
    async with client.post(url, data=body[:-9].encode(), headers=headers) as response:
        assert 400 == response.status
    assert "1" == (await ask("GET", table))[1]["numRows"]
