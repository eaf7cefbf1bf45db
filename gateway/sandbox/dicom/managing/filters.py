"""``filterConfig``: the studies, series and instances that an operation is about, as lines of an object."""

import re
from collections.abc import Iterator
from typing import Any

from gateway.sandbox.buckets.folders import Buckets
from gateway.sandbox.dicom.store import Scope
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.json_bodies import object_in

PATH = re.compile(r"/studies/([0-9.]{1,64})(?:/series/([0-9.]{1,64})(?:/instances/([0-9.]{1,64}))?)?", re.ASCII)
FORM = "/studies/{UID}[/series/{UID}[/instances/{UID}]]"


def scopes_in(body: dict[str, Any], store: str, buckets: Buckets) -> tuple[Scope, ...] | None:
    """Return what ``filterConfig`` of a request names; None if it has none. Does blocking work."""
    config = object_in(body, "filterConfig", {"resourcePathsGcsUri"})
    if "resourcePathsGcsUri" not in config:
        return None
    return tuple(_scopes(read_one(buckets, config["resourcePathsGcsUri"], "resourcePathsGcsUri"), store))


def read_one(buckets: Buckets, uri: object, field: str) -> bytes:
    """Return the content of the one object that a URI of a *field* names."""
    if not isinstance(uri, str) or any(each in uri for each in "*?"):
        raise ApiError(400, f"{field} needs the form gs://bucket/path/to/object")
    path = next(iter(buckets.objects(uri)), None)
    if path is None:
        raise ApiError(404, f"the object of {field} does not exist")
    return path.read_bytes()


def _scopes(content: bytes, store: str) -> Iterator[Scope]:
    for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), 1):
        if text := line.removesuffix("\r").strip(" "):
            path = PATH.fullmatch(text)
            if path is None:
                raise ApiError(400, f"line {number} of the filter is not {FORM}")
            yield Scope(store, *path.groups())
