"""Settings of buckets: what is accepted, and the sentence where something is not."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from adapters.objects.settings import FolderBucketSettings, GcsBucketSettings, S3BucketSettings

S3: dict[str, Any] = {"kind": "s3", "url": "s3://north"}
GCS: dict[str, Any] = {"kind": "gcs", "url": "gs://south"}


@pytest.mark.parametrize(
    ("model", "given", "why"),
    [
        (S3BucketSettings, S3 | {"url": "north"}, "write s3://NAME"),
        (S3BucketSettings, S3 | {"url": "s3://north?x"}, "write s3://NAME"),
        (S3BucketSettings, S3 | {"endpoint": "https://user:secret@host"}, "without credentials"),
        (S3BucketSettings, S3 | {"endpoint": "http://host", "ca_file": "/ca"}, "ca_file has no effect"),
        (S3BucketSettings, S3 | {"credentials": {"kind": "google"}}, "does not match any of the expected tags"),
        (GcsBucketSettings, GCS | {"url": "s3://south"}, "write gs://NAME"),
        (GcsBucketSettings, GCS | {"endpoint": "http://host", "credentials": {"kind": "google"}}, "in the clear"),
        (GcsBucketSettings, GCS | {"proxy": "http://user:secret@host"}, "no address of a proxy"),
        (FolderBucketSettings, {"kind": "folder", "url": ""}, "name a file or a folder"),
    ],
)
def test_mistakes(model: type[Any], given: dict[str, Any], why: str) -> None:
    """Each mistake is told with its mend."""
    if model is not FolderBucketSettings:
        pytest.importorskip("obstore", reason="the extra objects is not installed")
    with pytest.raises(ValidationError, match=why):
        TypeAdapter(model).validate_python(given)


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        (None, None),
        ("https://s3.north.example", None),
        ("http://127.0.0.1:8333", None),
        ("http://[::1]:8333", None),
        ("http://s3.north.example:8333", "s3.north.example"),
        ("http://s3.north.example/path", "s3.north.example"),
    ],
)
def test_in_the_clear(endpoint: str | None, host: str | None) -> None:
    """Which host gets objects that everybody on the way can read."""
    pytest.importorskip("obstore", reason="the extra objects is not installed")
    assert S3BucketSettings.model_validate(S3 | {"endpoint": endpoint}).host_in_the_clear == host
