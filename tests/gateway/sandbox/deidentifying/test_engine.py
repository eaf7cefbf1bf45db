"""The engine of an operation is Hilum's own step."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.sandbox.deidentifying.engine import Engine, FileBody, open_engine
from gateway.sandbox.deidentifying.errors import HeldBackError
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.worker import Worker
from tests.gateway.sandbox.deidentifying.support import FILE, PATIENT, REDACTED


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    """Run a thread."""
    found = Worker("test")
    yield found
    found.close()


async def opened(folder: Path, worker: Worker, config: object) -> Engine:
    """Open the engine of a configuration."""
    return await open_engine(folder, json.dumps(config).encode(), worker)


async def test_resource(tmp_path: Path, worker: Worker) -> None:
    """A resource is transformed, or held back with its reason; key and configuration do not stay on the disk."""
    engine = await opened(tmp_path, worker, REDACTED)
    assert list(tmp_path.iterdir()) == []
    made = json.loads(await engine.resource(json.dumps(PATIENT).encode()))
    assert made == {name: value for name, value in PATIENT.items() if name != "name"}
    with pytest.raises(HeldBackError, match="it is no JSON object in UTF-8"):
        await engine.resource(b"[]")
    await engine.close()


async def test_instance(tmp_path: Path, worker: Worker) -> None:
    """An instance is read from its file; one that is held back raises, also after some octets."""
    path = tmp_path / "1.2.dcm"
    path.write_bytes(FILE)
    assert FileBody(path, worker).length == len(FILE)
    engine = await opened(tmp_path, worker, {"dicom": {"keepList": {"tags": ["Modality"]}}})
    made = b"".join([bytes(each) async for each in engine.instance(path)])
    assert b"Musterfrau" in FILE
    assert b"Musterfrau" not in made
    path.write_bytes(FILE[:-8])
    with pytest.raises(HeldBackError):
        async for _ in engine.instance(path):
            pass


async def test_report(tmp_path: Path, worker: Worker) -> None:
    """What is stricter is known from the beginning."""
    engine = await opened(tmp_path, worker, {"dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"}})
    assert any(each.startswith("text: nothing here recognises LOCATION") for each in engine.report)


async def test_mistake(tmp_path: Path, worker: Worker) -> None:
    """A mistake is a 400 that names its field, and no file of the sandbox."""
    mistakes: list[dict[str, Any]] = [{"dicoms": {}}, {"image": {"customRegexes": [{}]}}]
    for config in mistakes:
        with pytest.raises(ApiError) as raised:
            await opened(tmp_path, worker, config)
        assert raised.value.status == 400
        assert raised.value.reason.startswith(f"config: {next(iter(config))}")
        assert str(tmp_path) not in raised.value.reason
    assert list(tmp_path.iterdir()) == []
