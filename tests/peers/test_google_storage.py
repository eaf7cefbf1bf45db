"""Clients of Cloud Storage and S3 against the sandbox's buckets."""

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from gateway.sandbox.server import Sandbox
from tests.peers.programs import ROOT, run

PYTHON = ROOT / "build" / "google-peers" / "bin" / "python"
SCRIPT = ROOT / "tests" / "peers" / "google" / "storage_client.py"
INSTALLED = any(PYTHON.parent.parent.glob("lib/python*/site-packages/google/cloud/storage"))


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """Run a sandbox with a bucket."""
    (tmp_path / "north").mkdir()
    async with Sandbox(tmp_path / "data", buckets={"north": tmp_path / "north"}) as running:
        yield running


@pytest.mark.slow
@pytest.mark.skipif(not INSTALLED, reason="google-cloud-storage is not installed: make google-peers")
async def test_libraries(sandbox: Sandbox) -> None:
    """google-cloud-storage and obstore, as GCS and as S3, put, read, list, copy and remove objects."""
    status, said = await run(PYTHON, SCRIPT, sandbox.url)
    assert 0 == status, said
    seen = json.loads(said.splitlines()[-1])
    assert {
        "same": True,
        "range": True,
        "resource": ["x/y", {"k": "v"}, 300_000],
        "only_new": True,
        "names": ["a/1.dcm", "a/2.dcm"],
        "prefixes": ["a/b c/", "a/x/"],
        "glob": ["a/1.dcm", "a/2.dcm", "a/x/3.dcm"],
        "pages": 6,
        "composed": "a/1.dcma/2.dcm",
        "gone": True,
    } == seen["google"]
    for name, prefix in (("gcs", "GCSStore"), ("s3", "S3Store")):
        assert {
            "same": True,
            "range": True,
            "only_new": True,
            "names": [f"{prefix}/copy", f"{prefix}/large", f"{prefix}/small"],
            "size": 300_000,
            "gone": True,
        } == seen[name]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("gcloud") is None, reason="gcloud is not installed")
async def test_gcloud(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``gcloud storage`` copies files in both directions; a small one comes in a body with bare line feeds."""
    (tmp_path / "token").write_text("anybody\n")
    (tmp_path / "small").write_bytes(b"small\n")
    (tmp_path / "large").write_bytes(large := Random(1).randbytes(9 * 1024 * 1024))
    for name, value in (
        ("CLOUDSDK_CONFIG", str(tmp_path / "gcloud")),
        ("CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE", f"{sandbox.url}/storage/v1/"),
        ("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", str(tmp_path / "token")),
        ("CLOUDSDK_CORE_PROJECT", "p"),
        ("CLOUDSDK_CORE_DISABLE_PROMPTS", "1"),
    ):
        monkeypatch.setenv(name, value)
    command = ("gcloud", "storage")
    status, said = await run(*command, "cp", tmp_path / "small", tmp_path / "large", "gs://north/d/")
    assert 0 == status, said
    assert b"small\n" == (tmp_path / "north/d/small").read_bytes()
    assert large == (tmp_path / "north/d/large").read_bytes()
    status, said = await run(*command, "ls", "gs://north/**")
    assert {"gs://north/d/large", "gs://north/d/small"} <= set(said.split()), said
    status, said = await run(*command, "cp", "gs://north/d/large", tmp_path / "back")
    assert (0, large) == (status, (tmp_path / "back").read_bytes()), said
