"""Buckets and objects as resources of the JSON API."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from gateway.sandbox.clock import rfc3339
from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage.store import Conditions, Stored

FIRST_MOMENT = "1970-01-01T00:00:00.000Z"


def bucket_resource(name: str, origin: str) -> dict[str, Any]:
    """Return a bucket. A folder does not tell when it was made, so the time is 1970."""
    return {
        "kind": "storage#bucket",
        "id": name,
        "name": name,
        "selfLink": f"{origin}/storage/v1/b/{name}",
        "projectNumber": "0",
        "location": "US",
        "locationType": "multi-region",
        "storageClass": "STANDARD",
        "metageneration": "1",
        "etag": "CAE=",
        "timeCreated": FIRST_MOMENT,
        "updated": FIRST_MOMENT,
        "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}},
    }


def object_resource(found: Stored, origin: str) -> dict[str, Any]:
    """Return an object; digests that are not known yet are left out."""
    file, record = found.file, found.record
    path = f"storage/v1/b/{found.bucket}/o/{quote(file.key, safe='')}"
    updated = rfc3339(datetime.fromtimestamp(file.generation / 1e6, UTC))
    resource: dict[str, Any] = {
        "kind": "storage#object",
        "id": f"{found.bucket}/{file.key}/{file.generation}",
        "selfLink": f"{origin}/{path}",
        "mediaLink": f"{origin}/download/{path}?generation={file.generation}&alt=media",
        "name": file.key,
        "bucket": found.bucket,
        "generation": str(file.generation),
        "metageneration": str(record.metageneration),
        "storageClass": "STANDARD",
        "size": str(file.size),
        "etag": found.etag,
        "timeCreated": updated,
        "updated": updated,
        "timeStorageClassUpdated": updated,
        "contentType": record.content_type,
        **record.headers,
    }
    if record.has_digests:
        resource |= {"md5Hash": record.md5, "crc32c": record.crc32c}
    if record.metadata:
        resource["metadata"] = record.metadata
    return resource


def conditions_of(query: Mapping[str, str]) -> Conditions:
    """Return the preconditions of a request of the JSON API."""
    names = ("ifGenerationMatch", "ifGenerationNotMatch", "ifMetagenerationMatch")
    generation, other, metageneration = (number_of(query, name) for name in names)
    if "ifMetagenerationNotMatch" in query:
        raise ReasonedError(501, "ifMetagenerationNotMatch is not supported")
    return Conditions(generation, other, metageneration)


def number_of(query: Mapping[str, str], name: str) -> int | None:
    """Return a parameter that is a number."""
    text = query.get(name)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 19:
        raise ReasonedError(400, f"{name} must be a number")
    return int(text)
