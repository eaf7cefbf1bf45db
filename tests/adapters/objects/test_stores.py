"""Buckets of S3 and GCS are opened as their settings say; the real exchanges are in test_remote.py."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

pytest.importorskip("obstore", reason="the extra objects is not installed")

from adapters.objects.settings import GcsBucketSettings, S3BucketSettings
from adapters.objects.stores import open_gcs, open_s3
from gateway.contract.errors import ConfigError


def s3(**settings: Any) -> S3BucketSettings:
    """Return settings of S3."""
    return S3BucketSettings.model_validate({"kind": "s3", "url": "s3://north", **settings})


def gcs(**settings: Any) -> GcsBucketSettings:
    """Return settings of GCS."""
    return GcsBucketSettings.model_validate({"kind": "gcs", "url": "gs://south", **settings})


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("s3://north", "https://north.s3.eu-west-1.amazonaws.com"),
        ("s3://north.example", "https://s3.eu-west-1.amazonaws.com"),
    ],
)
def test_the_cloud_itself(url: str, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an endpoint it is AWS's, whatever the environment says."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://elsewhere.example")
    opened: Any = open_s3("buckets.north", s3(url=url, region="eu-west-1"))
    assert opened._store.config["endpoint"] == endpoint


@pytest.mark.parametrize("key", ["ca_file", "credentials"])
def test_files_that_cannot_be_used(key: str, tmp_path: Path) -> None:
    """A file that is not there is told with its setting when the bucket is opened."""
    path = str(tmp_path / "absent")
    value = path if key == "ca_file" else {"kind": "s3", "key_file": path}
    with pytest.raises(ConfigError, match=rf"^buckets\.north\.{key}.*cannot be read: No such file"):
        open_s3("buckets.north", s3(**{key: value}))
    value = path if key == "ca_file" else {"kind": "google", "service_account_file": path}
    with pytest.raises(ConfigError, match=rf"^buckets\.south\.{key}.*cannot be read: No such file"):
        open_gcs("buckets.south", gcs(**{key: value}))


def test_a_key_that_is_none(tmp_path: Path) -> None:
    """What the library says of a file is not repeated: it may quote it."""
    path = tmp_path / "key.json"
    path.write_text('{"private_key": "SECRET"')
    with pytest.raises(ConfigError, match=r"^buckets\.south: cannot be opened") as raised:
        open_gcs("buckets.south", gcs(credentials={"kind": "google", "service_account_file": str(path)}))
    assert "SECRET" not in str(raised.value)


async def test_gcs_at_another_address() -> None:
    """An emulator is asked without a token, by the XML interface of GCS."""
    asked: list[tuple[str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append((request.method, request.path))
        assert "Authorization" not in request.headers
        return web.Response(body=b"12345", headers={"ETag": '"1"', "Last-Modified": "Mon, 30 Nov 2026 06:00:00 GMT"})

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(application) as server:
        bucket = open_gcs("buckets.south", gcs(url="gs://south/in", endpoint=str(server.make_url(""))))
        assert await bucket.read("a b") == b"12345"
    assert asked == [("GET", "/south/in/a b")]
