"""The versions that Hilum has written, as the answers of a store name them."""

import pytest

from adapters.rest.fhir.replies import Done
from adapters.rest.fhir.versions import digest_of, done_by, written
from adapters.rest.http.reply import Reply
from gateway.contract.fhir import Interaction

DONE = {
    "created": ("POST", Done(201, "Patient/7", version="1"), True),
    "found by a conditional create": ("POST", Done(200, "Patient/7", version="1"), False),
    "updated": ("PUT", Done(200, "Patient/7", version="1"), True),
    "created by an update": ("PUT", Done(201, "Patient/7", version="1"), True),
    "patched": ("PATCH", Done(200, "Patient/7", version="1"), True),
    "deleted": ("DELETE", Done(200, "Patient/7", version="1"), False),
    "read": ("GET", Done(200, "Patient/7", version="1"), False),
    "failed": ("PUT", Done(412, "Patient/7", version="1"), False),
    "without a version": ("PUT", Done(200, "Patient/7"), False),
    "without a place": ("PUT", Done(200, version="1"), False),
    "of no method": (None, Done(200, "Patient/7", version="1"), False),
}


@pytest.mark.parametrize(("method", "done", "expected"), DONE.values(), ids=DONE)
def test_written(method: object, done: Done, expected: bool) -> None:
    """A version counts as Hilum's own only if the request has made it."""
    assert ([digest_of("Patient/7", "1")] if expected else []) == list(written([method], [done]))


def test_digest() -> None:
    """What is remembered does not tell the ID, and differs for another version and another resource."""
    names = [digest_of(*each) for each in (("Patient/7", "1"), ("Patient/7", "2"), ("Patient/8", "1"))]
    assert (3, False) == (len(set(names)), any("Patient" in each for each in names))


PLACE = "https://x/fhir/Patient/7/_history/2"
REPLIES = {
    "created": ("POST", "Patient", {"Location": PLACE}, ("Patient/7", "2")),
    "updated": ("PUT", "Patient/7", {"Content-Location": PLACE, "ETag": 'W/"2"'}, ("Patient/7", "2")),
    "updated, with a tag only": ("PUT", "Patient/7", {"ETag": 'W/"2"'}, ("Patient/7", "2")),
    "conditional, with a tag only": ("PUT", "Patient?identifier=s%7C7", {"ETag": 'W/"2"'}, ("", "2")),
    "a place without its version": ("PUT", "Patient/7", {"Location": "/Patient/7", "ETag": '"2"'}, ("Patient/7", "2")),
    "nothing": ("PUT", "Patient/7", {}, ("Patient/7", "")),
    "no tag": ("PUT", "Patient/7", {"ETag": "2"}, ("Patient/7", "")),
}


@pytest.mark.parametrize(("method", "url", "headers", "expected"), REPLIES.values(), ids=REPLIES)
def test_single(method: str, url: str, headers: dict[str, str], expected: tuple[str, str]) -> None:
    """Of a single interaction the place and the version are in the header fields of the reply."""
    found = done_by(Reply(200, headers, b""), Interaction(method, url))  # type: ignore[arg-type]
    assert (200, *expected) == (found.status, found.location, found.version)
