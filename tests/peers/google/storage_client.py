"""Works with buckets by google-cloud-storage, and by obstore as GCS and as S3.

tests/peers/test_google_storage.py runs it, in an environment of its own. The address of the sandbox
is its only argument.
"""

import io
import json
import os
import sys
from collections.abc import Callable
from random import Random
from typing import Any

URL = sys.argv[1]
os.environ["STORAGE_EMULATOR_HOST"] = URL

import obstore  # noqa: E402  it reads the environment
from google.api_core.exceptions import NotFound, PreconditionFailed  # noqa: E402
from google.auth.credentials import AnonymousCredentials  # noqa: E402
from google.cloud import storage  # noqa: E402
from obstore.exceptions import AlreadyExistsError  # noqa: E402
from obstore.store import GCSStore, S3Store  # noqa: E402

DATA = Random(1).randbytes(300_000)
LARGE = Random(2).randbytes(13 * 1024 * 1024 + 17)
PART = 6 * 1024 * 1024


def raises(kind: type[Exception], work: Callable[[], object]) -> bool:
    """Return whether *work* raises."""
    try:
        work()
    except kind:
        return True
    return False


def google() -> dict[str, object]:
    """Return what google-cloud-storage saw."""
    client = storage.Client(project="p", credentials=AnonymousCredentials())
    bucket = client.create_bucket("south")
    blob = bucket.blob("a/b c/é.bin")
    blob.metadata = {"k": "v"}
    blob.upload_from_string(DATA, content_type="x/y", if_generation_match=0)
    blob.reload()
    large = bucket.blob("large", chunk_size=4 * 1024 * 1024)
    large.upload_from_file(io.BytesIO(LARGE))  # in parts that can be resumed
    for name in ("a/1.dcm", "a/2.dcm", "a/x/3.dcm"):
        bucket.blob(name).upload_from_string(name)
    listing = client.list_blobs("south", prefix="a/", delimiter="/")
    bucket.copy_blob(bucket.blob("a/1.dcm"), bucket, "copy")
    bucket.blob("both").compose([bucket.blob("a/1.dcm"), bucket.blob("a/2.dcm")])
    again = bucket.blob("a/b c/é.bin")
    bucket.blob("copy").delete()
    return {
        "same": blob.download_as_bytes() == DATA and large.download_as_bytes() == LARGE,
        "range": blob.download_as_bytes(start=10, end=20) == DATA[10:21],
        "resource": [blob.content_type, blob.metadata, blob.size],
        "only_new": raises(PreconditionFailed, lambda: again.upload_from_string(b"x", if_generation_match=0)),
        "names": sorted(each.name for each in listing),
        "prefixes": sorted(listing.prefixes),
        "glob": sorted(each.name for each in client.list_blobs("south", match_glob="a/**.dcm")),
        "pages": len(list(client.list_blobs("south", page_size=2))),
        "composed": bucket.blob("both").download_as_text(),
        "gone": raises(NotFound, lambda: bucket.blob("copy").delete()),
    }


def rust(store: Any) -> dict[str, object]:
    """Return what obstore saw."""
    prefix = type(store).__name__
    obstore.put(store, f"{prefix}/small", DATA)
    obstore.put(store, f"{prefix}/large", io.BytesIO(LARGE), use_multipart=True, chunk_size=PART)
    obstore.copy(store, f"{prefix}/small", f"{prefix}/copy")
    found = {
        "same": bytes(obstore.get(store, f"{prefix}/small").bytes()) == DATA
        and bytes(obstore.get(store, f"{prefix}/large").bytes()) == LARGE
        and bytes(obstore.get(store, f"{prefix}/copy").bytes()) == DATA,
        "range": bytes(obstore.get_range(store, f"{prefix}/small", start=5, end=15)) == DATA[5:15],
        "only_new": raises(AlreadyExistsError, lambda: obstore.put(store, f"{prefix}/small", b"x", mode="create")),
        "names": sorted(each["path"] for page in obstore.list(store, prefix) for each in page),
        "size": obstore.head(store, f"{prefix}/small")["size"],
    }
    obstore.delete(store, [f"{prefix}/copy", f"{prefix}/small"])
    return {**found, "gone": raises(FileNotFoundError, lambda: obstore.get(store, f"{prefix}/copy"))}


def main() -> None:
    """Print what each client saw as JSON."""
    key = {"gcs_base_url": URL, "disable_oauth": True, "client_email": "", "private_key": "", "private_key_id": ""}
    gcs = GCSStore("north", service_account_key=json.dumps(key), client_options={"allow_http": True})
    s3 = S3Store(
        "north",
        endpoint=URL,
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
        access_key_id="a",
        secret_access_key="b",
        region="us-east-1",
    )
    print(json.dumps({"google": google(), "gcs": rust(gcs), "s3": rust(s3)}))  # noqa: T201


main()
