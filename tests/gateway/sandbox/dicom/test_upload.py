"""The temporary files of an upload."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.sandbox.dicom.upload import Upload
from gateway.sandbox.worker import Worker

PART = b"--B\r\nContent-Type: application/dicom\r\n\r\n"


@pytest.fixture
def worker() -> Iterator[Worker]:
    """Start a worker."""
    worker = Worker("test-worker")
    yield worker
    worker.close()


def names(folder: Path) -> list[str]:
    """Return what is in a folder."""
    return [path.name for path in folder.iterdir()]


async def cut(body: bytes, size: int = 7) -> AsyncIterator[bytes]:
    """Yield *body* in pieces."""
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def test_files(tmp_path: Path, worker: Worker) -> None:
    """Every part is a file; what was not moved away is removed in the end."""
    async with Upload(tmp_path, worker) as upload:
        assert await upload.receive(cut(PART + b"one\r\n" + PART + b"two\r\n--B--"), "B") is None
        assert [b"one", b"two"] == [path.read_bytes() for path in upload.files]
        upload.files[0].rename(tmp_path / "kept")
    assert ["kept"] == names(tmp_path)


REFUSED = {
    "no part": (b"--B--", "the request has no part"),
    "cut off": (PART + b"one", "the body ends in the content of a part"),
    "not multipart": (b"--B--B", "the request has no part"),
    "broken": (b"--B!!", "a delimiter is not followed by the end of its line"),
    "no media type": (b"--B\r\n\r\nx\r\n--B--", "a part is not application/dicom"),
    "another media type": (
        b"--B\r\nContent-Type: application/dicom+json\r\n\r\n[]\r\n--B--",
        "a part is not application/dicom",
    ),
}


@pytest.mark.parametrize(("body", "reason"), REFUSED.values(), ids=REFUSED)
async def test_refused(tmp_path: Path, worker: Worker, body: bytes, reason: str) -> None:
    """A body that is not acceptable is refused with the reason, and leaves nothing behind."""
    async with Upload(tmp_path, worker) as upload:
        assert await upload.receive(cut(body), "B") == reason
    assert names(tmp_path) == []
