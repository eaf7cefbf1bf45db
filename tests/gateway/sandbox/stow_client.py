"""STOW-RS as a client speaks it, for the tests of the DICOM store."""

from typing import Any

from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox

MULTIPART = {"Content-Type": 'multipart/related; type="application/dicom"; boundary=B'}
HEAD = b"--B\r\nContent-Type: application/dicom\r\n\r\n"


class Store:
    """Sends files to the sandbox's DICOM store."""

    def __init__(self, sandbox: Sandbox, client: ClientSession) -> None:
        self._sandbox = sandbox
        self._client = client

    async def __call__(self, *files: bytes, study: str = "", store: str = "d") -> tuple[int, dict[str, Any]]:
        """Send *files* in one request, to the study if one is given; return status and JSON of the reply."""
        url = f"{self._sandbox.dicom_web_url(store)}/studies{'/' + study if study else ''}"
        async with self._client.post(url, data=multipart(*files), headers=MULTIPART) as response:
            return response.status, await response.json(content_type=None)


def multipart(*files: bytes) -> bytes:
    """Return a body with *files* as parts, and B as boundary."""
    return b"".join(HEAD + file + b"\r\n" for file in files) + b"--B--\r\n"
