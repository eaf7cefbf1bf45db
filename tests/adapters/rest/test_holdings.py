"""Asking a store what it holds."""

import json
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from adapters.rest.client import Client
from adapters.rest.holdings import NOT_DELETED, Holdings
from adapters.rest.settings import RestSettings
from gateway.message import Refused, Unavailable

Start = Callable[..., Awaitable[str]]


def match(sop: str = "1.2.3", study: str = "1.1", series: str = "1.2") -> dict[str, object]:
    """Return a match of a query."""
    pairs = {"00080018": sop, "0020000D": study, "0020000E": series}
    return {tag: {"vr": "UI", "Value": [value]} for tag, value in pairs.items()}


FOUND: dict[str, tuple[int, object, list[str] | None]] = {
    "one": (200, [match()], ["/studies/1.1/series/1.2/instances/1.2.3"]),
    "in two studies": (
        200,
        [match(), match(study="1.9")],
        ["/studies/1.1/series/1.2/instances/1.2.3", "/studies/1.9/series/1.2/instances/1.2.3"],
    ),
    "none": (200, [], []),
    "no content": (204, None, []),
    "only others, by a store that ignores the key": (200, [match("1.2"), match("1.2.3.4")], []),
    "no study": (200, [{"00080018": match()["00080018"]}], None),
    "leading zeros": (200, [match(study="1.01")], ["/studies/1.01/series/1.2/instances/1.2.3"]),
    "a study with a slash": (200, [match(study="../x")], None),
    "a study of dots": (200, [match(study="..")], None),
    "a series of one dot": (200, [match(series=".")], None),
    "a series with an empty component": (200, [match(series="1..2")], None),
    "a study that ends in a dot": (200, [match(study="1.1.")], None),
    "a coded study": (200, [match(study="%2e%2e")], None),
    "a study of 65 digits": (200, [match(study="1" * 65)], None),
    "a study with a line end": (200, [match(study="1.1\r\nX: y")], None),
    "one good address and one bad": (200, [match(), match(study="..")], None),
    "a page": (200, "<!DOCTYPE html><html>", None),
    "a list of errors": (200, [{"error": "no database"}], None),
    "a list of words": (200, ["1.2.3"], None),
    "a list of lists": (200, [[match()]], None),
    "a list of names instead of tags": (200, [{"SOPInstanceUID": "1.2.3"}], None),
    "one of a list is none": (200, [match(), {"error": "truncated"}], None),
    "not an array": (200, {}, None),
    "no such service": (404, None, None),
    "failure": (500, None, None),
}


@pytest.mark.parametrize(("status", "value", "expected"), FOUND.values(), ids=FOUND)
async def test_find(serve: Start, status: int, value: object, expected: list[str] | None) -> None:
    """The instances of the UID are found; a store that does not say so holds what it holds."""

    async def query(request: web.Request) -> web.Response:
        assert ("/dicom-web/instances", "1.2.3") == (request.path, request.query["SOPInstanceUID"])
        assert "application/dicom+json" == request.headers["Accept"]
        return web.Response(status=status, text=value if value is None or isinstance(value, str) else json.dumps(value))

    root = await serve(query) + "/dicom-web"
    async with Client(RestSettings(url=root)) as client:
        found = await Holdings(client, root).find("1.2.3")
    assert expected == (None if found is None else [address.removeprefix(root) for address in found])


@pytest.mark.parametrize("uid", ["..", ".", "", "1..2", "1.2/../..", "1.2?x=y", "1.2,1.3"])
async def test_find_what_is_no_uid(serve: Start, uid: str) -> None:
    """Of what is no UID no address is made: the store is not even asked."""
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
        assert await Holdings(client, closed_port).find("1.2.3") is None


@pytest.mark.parametrize(("asked", "syntax"), [((), "*"), (("1.2.840.10008.1.2",), "1.2.840.10008.1.2")])
async def test_retrieve(serve: Start, asked: tuple[str, ...], syntax: str) -> None:
    """The instance is asked for as it is stored, or in a transfer syntax."""

    async def give(request: web.Request) -> web.Response:
        assert f'multipart/related; type="application/dicom"; transfer-syntax={syntax}' == request.headers["Accept"]
        return web.Response(body=b"instance")

    root = await serve(give)
    taken = bytearray()

    def take(piece: bytes) -> bool:
        taken.extend(piece)
        return True

    async with Client(RestSettings(url=root)) as client:
        assert None is await Holdings(client, root).retrieve(f"{root}/studies/1/series/1/instances/1", take, *asked)
    assert b"instance" == taken


async def test_retrieve_what_is_not_given_back(serve: Start, closed_port: str) -> None:
    """What the store does not give back is neither the same nor another."""

    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=406)

    root = await serve(refuse)
    async with Client(RestSettings(url=root)) as client:
        refused = await Holdings(client, root).retrieve(f"{root}/x", lambda _: True)
    async with Client(RestSettings(url=closed_port)) as client:
        unreached = await Holdings(client, closed_port).retrieve(f"{closed_port}/x", lambda _: True)
    expected = "the store does not give back the instance it holds (HTTP 406)"
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
