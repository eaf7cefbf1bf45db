"""The life of the sandbox."""

import base64
import errno
import socket
from pathlib import Path

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from gateway.sandbox.faults import Faults
from gateway.sandbox.overview import api as overview
from gateway.sandbox.server import Sandbox
from tests.dicom_files import make_instance
from tests.gateway.sandbox.stow_client import Store

MESSAGE = b"MSH|^~\\&|APP|FAC|TO|THERE|20240102||ADT^A01|42|P|2.5\r"


async def test_addresses(tmp_path: Path) -> None:
    """The addresses are those of the Cloud Healthcare API, on the port that was found."""
    async with Sandbox(tmp_path) as sandbox:
        assert sandbox.port > 0
        base = f"http://127.0.0.1:{sandbox.port}"
        assert sandbox.url == base
        assert sandbox.hl7v2_store_url() == f"{base}/v1/projects/p/locations/l/datasets/d/hl7V2Stores/s"
        assert sandbox.dicom_web_url("x") == f"{base}/v1/projects/p/locations/l/datasets/d/dicomStores/x/dicomWeb"


async def test_port_taken(tmp_path: Path) -> None:
    """A port that is taken is an error at once, and nothing is left running."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="address already in use") as raised:
            async with Sandbox(tmp_path, port=taken.getsockname()[1]):
                pass
    assert raised.value.errno == errno.EADDRINUSE


async def test_folder_cannot_be_used(tmp_path: Path) -> None:
    """A folder that cannot be made is an error at once."""
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        async with Sandbox(tmp_path / "file" / "data"):
            pass


async def test_durable(tmp_path: Path, client: ClientSession) -> None:
    """What was stored is there when the sandbox comes up again; what was half received is not."""
    file = make_instance(tmp_path, 1, "1.2.3", "1.2.3.4").read_bytes()
    body = {"message": {"data": base64.b64encode(MESSAGE).decode()}}
    async with Sandbox(tmp_path / "data") as sandbox:
        await Store(sandbox, client)(file)
        async with client.post(f"{sandbox.hl7v2_store_url()}/messages:ingest", json=body) as response:
            first = await response.json()
    half = tmp_path / "data" / "incoming" / "half.part"
    half.write_bytes(b"x")
    async with Sandbox(tmp_path / "data") as sandbox:
        assert not half.exists()
        async with client.post(f"{sandbox.hl7v2_store_url()}/messages:ingest", json=body) as response:
            assert first == await response.json()
        url = f"{sandbox.dicom_web_url()}/studies/1.2.3"
        async with client.get(url, headers={"Accept": "multipart/related"}) as response:
            assert file in await response.read()


async def test_own_failure(sandbox: Sandbox, client: ClientSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of the sandbox is a 500 in Google's shape; its text, which may quote a patient's data, is not logged."""

    def fail(_: object) -> None:
        raise KeyError("DOE^JANE")

    monkeypatch.setattr(overview, "read_overview", fail)
    with capture_logs() as logs:
        async with client.get(sandbox.url) as response:
            assert (response.status, (await response.json())["error"]["status"]) == (500, "INTERNAL")
    assert logs == [
        {"event": "sandbox_request_failed", "log_level": "error", "method": "GET", "error": "KeyError"},
    ]


async def test_broken_encoding(sandbox: Sandbox, client: ClientSession) -> None:
    """A body that cannot be decompressed is the client's fault."""
    url, headers = f"{sandbox.hl7v2_store_url()}/messages:ingest", {"Content-Encoding": "deflate"}
    async with client.post(url, data=b"nonsense", headers=headers) as response:
        assert (response.status, (await response.json())["error"]["message"]) == (
            400,
            "the body of the request is not encoded as its header says",
        )


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v1/nothing", 404), ("PUT", "/", 405)])
async def test_no_such_resource(sandbox: Sandbox, client: ClientSession, method: str, path: str, status: int) -> None:
    """What is not served is refused in Google's shape."""
    async with client.request(method, f"{sandbox.url}{path}") as response:
        assert (response.status, (await response.json())["error"]["code"]) == (status, status)


async def test_given_faults(tmp_path: Path, client: ClientSession) -> None:
    """Faults can be planned before the start."""
    faults = Faults()
    faults.fail_next(418)
    async with Sandbox(tmp_path, faults=faults) as sandbox, client.get(sandbox.url) as response:
        assert response.status == 418
