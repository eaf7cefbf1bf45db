"""Resources of a store, read into memory."""

import pytest

from adapters.events.getting import TOO_LARGE, Gone, get_body
from gateway.contract.outcome import Unavailable
from tests.adapters.events.scripted import client_of, scripted

NOT_FOUND = {"error": {"code": 404, "message": "there is no such message", "status": "NOT_FOUND"}}
NO_RESOURCE = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}
BODIES: dict[str, tuple[object, object]] = {
    "there": (b"abc", b"abc"),
    "of the most octets": (b"x" * 100, b"x" * 100),
    "too large": (b"x" * 101, TOO_LARGE),
    "the store has no such resource": ((404, NOT_FOUND), Gone()),
    "the store has no such instance": ((404, [NOT_FOUND]), Gone()),
    "gone": (410, Gone()),
    "the store has no such FHIR resource": ((404, NO_RESOURCE), Gone()),
}


@pytest.mark.parametrize(("answer", "expected"), BODIES.values(), ids=BODIES)
async def test_bodies(answer: object, expected: object) -> None:
    """A body up to the limit is read; a resource that is not there is none."""
    async with scripted(lambda *_: answer) as server, client_of(server.url) as client:
        assert expected == await get_body(client, f"{server.url}/x", "*/*", 100)


NOT_SUPPORTED = {"resourceType": "OperationOutcome", "issue": [{"code": "not-supported"}, "x"]}


@pytest.mark.parametrize(
    "answer",
    [302, 403, 500, 404, (404, []), (404, {"error": {"status": "INTERNAL"}}), (404, b"<p>"), (404, NOT_SUPPORTED)],
)
async def test_failures(answer: object) -> None:
    """Another status is a failure, and so is a 404 that is not the store's own."""
    async with scripted(lambda *_: answer) as server, client_of(server.url) as client:
        assert isinstance(await get_body(client, f"{server.url}/x", "*/*", 100), Unavailable)
