"""Asking a store what it holds."""

import json
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from adapters.rest.dicomweb.holdings import FORMS, NEVER_GIVEN_BACK, NOT_DELETED, NOT_SAID, Holdings
from adapters.rest.http.client import Client
from adapters.rest.settings import RestSettings
from gateway.contract.outcome import Refused, Unavailable

Start = Callable[..., Awaitable[str]]


def match(sop: str = "1.2.3", study: str = "1.1", series: str = "1.2") -> dict[str, object]:
    """Return a match of a query."""
    pairs = {"00080018": sop, "0020000D": study, "0020000E": series}
    return {tag: {"vr": "UI", "Value": [value]} for tag, value in pairs.items()}


NOT_NOW = Unavailable(NOT_SAID)
FOUND: dict[str, tuple[int, object, list[str] | Unavailable | None]] = {
    "one": (200, [match()], ["/studies/1.1/series/1.2/instances/1.2.3"]),
    "in two studies": (
        200,
        [match(), match(study="1.9")],
        ["/studies/1.1/series/1.2/instances/1.2.3", "/studies/1.9/series/1.2/instances/1.2.3"],
    ),
    "none": (200, [], []),
    "no content": (204, None, []),
    "only others, by a store that ignores the key": (200, [match("1.2"), match("1.2.3.4")], []),
    "no study": (200, [{"00080018": match()["00080018"]}], NOT_NOW),
    "leading zeros": (200, [match(study="1.01")], ["/studies/1.01/series/1.2/instances/1.2.3"]),
    "a study with a slash": (200, [match(study="../x")], NOT_NOW),
    "a study of dots": (200, [match(study="..")], NOT_NOW),
    "a series of one dot": (200, [match(series=".")], NOT_NOW),
    "a series with an empty component": (200, [match(series="1..2")], NOT_NOW),
    "a study that ends in a dot": (200, [match(study="1.1.")], NOT_NOW),
    "a coded study": (200, [match(study="%2e%2e")], NOT_NOW),
    "a study of 65 digits": (200, [match(study="1" * 65)], NOT_NOW),
    "a study with a line end": (200, [match(study="1.1\r\nX: y")], NOT_NOW),
    "one good address and one bad": (200, [match(), match(study="..")], NOT_NOW),
    "a page": (200, "<!DOCTYPE html><html>", NOT_NOW),
    "a list of errors": (200, [{"error": "no database"}], NOT_NOW),
    "a list of words": (200, ["1.2.3"], NOT_NOW),
    "a list of lists": (200, [[match()]], NOT_NOW),
    "a list of names instead of tags": (200, [{"SOPInstanceUID": "1.2.3"}], NOT_NOW),
    "one of a list is none": (200, [match(), {"error": "truncated"}], NOT_NOW),
    "not an array": (200, {}, NOT_NOW),
    "no such service": (404, None, None),
    "a page that says so": (404, "<!DOCTYPE html><html>", None),
    "no such method": (405, None, None),
    "no such parameter": (400, {"error": "SOPInstanceUID is not supported"}, None),
    "not in JSON": (406, None, None),
    "not implemented": (501, None, None),
    "no permission": (403, None, NOT_NOW),
    "too many requests": (429, None, NOT_NOW),
    "out of service": (503, None, NOT_NOW),
    "failure": (500, None, NOT_NOW),
}


@pytest.mark.parametrize(("status", "value", "expected"), FOUND.values(), ids=FOUND)
async def test_find(serve: Start, status: int, value: object, expected: list[str] | Unavailable | None) -> None:
    """The instances of the UID are found; a store without queries differs from one whose query fails."""

    async def query(request: web.Request) -> web.Response:
        assert ("/dicom-web/instances", "1.2.3") == (request.path, request.query["SOPInstanceUID"])
        assert "application/dicom+json" == request.headers["Accept"]
        return web.Response(status=status, text=value if value is None or isinstance(value, str) else json.dumps(value))

    root = await serve(query) + "/dicom-web"
    async with Client(RestSettings(url=root)) as client:
        found = await Holdings(client, root).find("1.2.3")
    assert expected == ([address.removeprefix(root) for address in found] if isinstance(found, list) else found)


@pytest.mark.parametrize("uid", ["..", ".", "", "1..2", "1.2/../..", "1.2?x=y", "1.2,1.3"])
async def test_find_what_is_no_uid(serve: Start, uid: str) -> None:
    """No address is made of a text that is no UID: the store is not even asked."""
    asked = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path_qs)
        return web.json_response([match(uid)])

    root = await serve(answer)
    async with Client(RestSettings(url=root)) as client:
        assert None is await Holdings(client, root).find(uid)
    assert [] == asked


async def test_find_in_a_store_that_is_down(closed_port: str) -> None:
    """A store that cannot be reached does not say what it holds."""
    async with Client(RestSettings(url=closed_port)) as client:
        assert Unavailable("connection refused") == await Holdings(client, closed_port).find("1.2.3")


OURS = "1.2.840.10008.1.2.4.50"
AS_STORED, AS_SENT, PLAIN, ALONE = (form.format(OURS) for form in FORMS)
TAKEN: dict[str, tuple[str | None, str, int, list[str]]] = {
    "as it is stored": (AS_STORED, OURS, 406, [AS_STORED]),
    "as it was sent": (AS_SENT, OURS, 406, [AS_STORED, AS_SENT]),
    "without a transfer syntax": (PLAIN, OURS, 406, [AS_STORED, AS_SENT, PLAIN]),
    "without a transfer syntax, after 400": (PLAIN, OURS, 400, [AS_STORED, AS_SENT, PLAIN]),
    "without a transfer syntax, after 415": (PLAIN, OURS, 415, [AS_STORED, AS_SENT, PLAIN]),
    "alone": (ALONE, OURS, 406, [AS_STORED, AS_SENT, PLAIN, ALONE]),
    "alone, sent in an unknown transfer syntax": (ALONE, "", 406, [AS_STORED, PLAIN, ALONE]),
    "not at all": (None, OURS, 406, [AS_STORED, AS_SENT, PLAIN, ALONE]),
    "not at all, no such method": (None, OURS, 405, [AS_STORED]),
    "not at all, not implemented": (None, OURS, 501, [AS_STORED]),
}
"""What a store takes in Accept, the transfer syntax of the instance, what else is answered, and how it is asked."""


@pytest.mark.parametrize(("taken", "sent_as", "status", "expected"), TAKEN.values(), ids=TAKEN)
async def test_retrieve(serve: Start, taken: str | None, sent_as: str, status: int, expected: list[str]) -> None:
    """The forms are tried in turn, as stored first; the one that the store accepted is tried first later."""
    asked: list[str] = []

    async def give(request: web.Request) -> web.Response:
        asked.append(request.headers["Accept"])
        return web.Response(body=b"instance") if asked[-1] == taken else web.Response(status=status)

    root = await serve(give)
    given = bytearray()

    def take(piece: bytes) -> bool:
        given.extend(piece)
        return True

    async with Client(RestSettings(url=root)) as client:
        holdings = Holdings(client, root)
        for _ in range(2):
            failure = await holdings.retrieve(f"{root}/x", take, sent_as)
            assert (NEVER_GIVEN_BACK if taken is None else None) == failure
    assert expected + (expected if taken is None else [taken]) == asked
    assert b"instance" * (0 if taken is None else 2) == given


async def test_transcode(serve: Start) -> None:
    """The instance is asked for in one transfer syntax, and in no other form."""
    asked: list[str] = []

    async def give(request: web.Request) -> web.Response:
        asked.append(request.headers["Accept"])
        return web.Response(status=406)

    root = await serve(give)
    async with Client(RestSettings(url=root)) as client:
        failure = await Holdings(client, root).transcode(f"{root}/x", lambda _: True, OURS)
    assert isinstance(failure, Unavailable)
    assert [AS_SENT] == asked


async def test_retrieve_what_is_not_given_back(serve: Start, closed_port: str) -> None:
    """An instance that the store does not give back counts neither as the same nor as another."""

    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=404)

    root = await serve(refuse)
    async with Client(RestSettings(url=root)) as client:
        refused = await Holdings(client, root).retrieve(f"{root}/x", lambda _: True)
    async with Client(RestSettings(url=closed_port)) as client:
        holdings = Holdings(client, closed_port)
        unreached = await holdings.retrieve(f"{closed_port}/x", lambda _: True)
        assert unreached == await holdings.transcode(f"{closed_port}/x", lambda _: True, OURS)
    expected = "the store does not give back the instance it holds (HTTP 404)"
    assert Unavailable(expected, maybe_stored=True) == refused
    assert Unavailable("connection refused") == unreached


PAGE = b"<!DOCTYPE html><html><body>Please log in</body></html>"
NO_DELETION = Unavailable(NOT_DELETED)

DELETED: dict[str, tuple[int, bytes, Refused | Unavailable | None]] = {
    "nothing": (200, b"", None),
    "a line end": (200, b"\r\n", None),
    "no content": (204, b"", None),
    "an empty object (Google)": (200, b"{}", None),
    "what is left (Orthanc)": (200, b'{"RemainingAncestor": {"ID": "7a1c", "Type": "Study"}}', None),
    "unknown": (404, b"", None),
    "unknown, in JSON": (404, b'{"error": {"code": 404, "message": "not found"}}', None),
    "gone": (410, b"", None),
    "a page": (200, PAGE, NO_DELETION),
    "a page after an empty line": (202, b"\n" + PAGE, NO_DELETION),
    "text": (200, b"no database", NO_DELETION),
    "a JSON error": (200, b'{"error": "read-only"}', NO_DELETION),
    "a failure": (200, b'{"success": false}', NO_DELETION),
    "a list": (200, b"[]", NO_DELETION),
    "half an object": (200, b'{"a": ', NO_DELETION),
    "unknown, says a page": (404, PAGE, NO_DELETION),
    "gone, says a page": (410, PAGE, NO_DELETION),
    "forbidden": (403, b"", Unavailable("the store does not permit this to the credentials (HTTP 403)")),
    "no such method": (405, b"", Refused("the store holds another instance and cannot delete it", code="0111")),
    "out of service": (503, b"", Unavailable("the store is out of service (HTTP 503)")),
}


@pytest.mark.parametrize(("status", "body", "expected"), DELETED.values(), ids=DELETED)
async def test_delete(serve: Start, status: int, body: bytes, expected: Refused | Unavailable | None) -> None:
    """An instance was deleted where the store says so; any other answer is the outcome."""

    async def delete(request: web.Request) -> web.Response:
        assert "DELETE" == request.method
        return web.Response(status=status, body=body)

    root = await serve(delete)
    async with Client(RestSettings(url=root)) as client:
        outcome = await Holdings(client, root).delete(f"{root}/studies/1/series/1/instances/1")
    if expected is NO_DELETION:
        assert isinstance(outcome, Unavailable)
        assert outcome.reason.endswith(NOT_DELETED)
    else:
        assert expected == outcome


async def test_delete_in_a_store_that_is_down(closed_port: str) -> None:
    """A failure of the network is the outcome."""
    async with Client(RestSettings(url=closed_port)) as client:
        outcome = await Holdings(client, closed_port).delete(f"{closed_port}/x")
    assert Unavailable("connection refused") == outcome
