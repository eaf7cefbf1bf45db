"""The spool over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Container, Mapping, Sequence, Set
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import ClientPayloadError, ClientSession, web
from structlog.testing import capture_logs

from gateway.admin.server import serve_admin
from gateway.admin.spool_api import Handler, spool_routes
from gateway.contract.acts import Act, TellAct
from gateway.contract.body import Body, Buffer
from gateway.spool import Moved, Operations, Page, PayloadDamaged, Plan, Record, Selection, SpoolError, State, Total
from tests.gateway.spool.spools import body_files, make_message
from tests.gateway.spooled import LARGE, MARK, REFUSED, SMALL, Spooled

JSON = {"Content-Type": "application/json"}


class Api:
    """A client of the API."""

    def __init__(self, session: ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self.seen = b""
        """All that was answered, the payloads apart."""

    async def get(self, path: str = "") -> tuple[int, Any]:
        """Return the status and the JSON at *path*."""
        async with self._session.get(self._url + path) as reply:
            return reply.status, await self._read(reply)

    async def post(self, path: str, body: object, headers: Mapping[str, str] = JSON) -> tuple[int, Any]:
        """Post *body* (JSON unless it is bytes) and return the status and the JSON that comes back."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self._session.post(f"{self._url}/{path}", data=data, headers=headers) as reply:
            return reply.status, await self._read(reply)

    async def begin_payload(self, entry_id: str) -> None:
        """Read the beginning of a payload, and go away."""
        async with self._session.get(f"{self._url}/entries/{entry_id}/payload") as reply:
            await reply.content.read(1)
            reply.close()

    async def payload(self, entry_id: str) -> tuple[int, bytes, Mapping[str, str]]:
        """Return the status, the octets and the headers of a payload."""
        async with self._session.get(f"{self._url}/entries/{entry_id}/payload") as reply:
            return reply.status, await reply.read(), reply.headers

    async def _read(self, reply: Any) -> Any:
        data = await reply.read()
        self.seen += data + repr(reply.headers).encode()
        assert "application/json" == reply.content_type
        return json.loads(data)


class BrokenSpool:
    """A spool that cannot be read just now, whose payloads break in the middle."""

    async def totals(self) -> list[Total]:
        """Fail."""
        raise SpoolError("the spool cannot be read (SQLITE_BUSY)")

    async def totals_by_reason(self, selection: Selection) -> list[Total]:
        """Fail."""
        raise SpoolError("the spool cannot be read (SQLITE_BUSY)")

    async def find(
        self, selection: Selection, after: str | None = None, limit: int = 100, *, newest: bool = False
    ) -> Page:
        """Fail."""
        raise SpoolError("the spool cannot be read (SQLITE_BUSY)")

    async def get(self, entry_id: str) -> Record | None:
        """Return a record, whatever the ID."""
        return Record(entry_id, "m1", "store", "adt", State.PARKED, None, 1, 8, 0.0, 0.0, {})

    async def open_body(self, entry_id: str) -> "BreakingBody":
        """Return a payload that breaks."""
        return BreakingBody()

    async def open_bodies(self, entry_ids: Sequence[str]) -> list[Body | None]:
        """Return payloads that break."""
        return [BreakingBody() for _ in entry_ids]

    async def open_message(self, entry_id: str) -> None:
        """Return none: nobody asks here."""

    async def retry(self, selection: Selection) -> int:
        """Fail."""
        raise SpoolError("the disk is full")

    async def discard(self, selection: Selection, reason: str, by: str | None = None) -> int:
        """Fail."""
        raise SpoolError("the disk is full")

    async def move(self, selection: Selection, to: str, protocols: Set[str]) -> Moved:
        """Fail."""
        raise SpoolError("the disk is full")

    async def set_aside(self) -> list[str]:
        """Return nothing."""
        return []


class BreakingBody:
    """A body whose damage shows after its first half."""

    length = 8
    replayable = True

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield four octets of eight."""
        yield b"half"
        raise PayloadDamaged("the payload is not what was committed")


class Trail:
    """Takes acts; its sinks fail with the reasons *why*, if any."""

    def __init__(self, *why: str) -> None:
        self.acts = list[Act]()
        self._why = why

    async def tell(self, act: Act) -> Sequence[str]:
        """Take *act*."""
        self.acts.append(act)
        return self._why


async def serve(
    operations: Operations, tell: TellAct | None = None, *middlewares: Any, keyed: Container[str] = ()
) -> AsyncIterator[Api]:
    """Serve the API for *operations* on a free port."""
    app = web.Application(middlewares=middlewares)
    destinations = {"store": {"mllp"}, "other": {"mllp"}, "archive": {"dimse"}}
    app.add_routes(spool_routes(operations, destinations, ("adt",), tell or Trail().tell, keyed))
    async with serve_admin(app, "127.0.0.1", 0) as port, ClientSession() as session:
        yield Api(session, f"http://127.0.0.1:{port}/api/v1/spool")


@pytest.fixture
async def api(spooled: Spooled) -> AsyncIterator[Api]:
    """Serve the filled spool."""
    async for client in serve(spooled.spool):
        yield client


@pytest.fixture
async def broken() -> AsyncIterator[Api]:
    """Serve a spool that fails."""
    async for client in serve(BrokenSpool()):
        yield client


async def test_totals(api: Api) -> None:
    """The sums by destination and state."""
    status, told = await api.get()
    assert 200 == status
    assert [
        ("other", "waiting", 1, len(SMALL)),
        ("store", "parked", 2, len(SMALL) + len(LARGE)),
        ("store", "delivered", 1, 0),
    ] == [(each["destination"], each["state"], each["count"], each["bytes"]) for each in told["totals"]]
    oldest = datetime.fromisoformat(told["totals"][0]["oldest_received_at"])
    assert 3600 == pytest.approx((datetime.now(UTC) - oldest).total_seconds(), abs=60)


async def test_filters(spooled: Spooled, api: Api) -> None:
    """Each parameter narrows what is listed."""
    table = {
        "": [spooled.parked, spooled.parked_large, spooled.waiting, spooled.delivered],
        "?newest=true": [spooled.waiting, spooled.parked_large, spooled.parked, spooled.delivered],
        "?destination=other": [spooled.waiting],
        "?destination=archive": [],
        "?reason_like=refused": [spooled.parked, spooled.parked_large],
        "?control_id=C-m3": [spooled.waiting],
        "?state=parked": [spooled.parked, spooled.parked_large],
        "?listener=scanner": [spooled.waiting],
        "?older_than=90m&state=parked": [spooled.parked, spooled.parked_large],
        "?older_than=90m&listener=scanner": [],
        f"?limit=1&after={spooled.parked}": [spooled.parked_large],
        f"?limit=1&after=parked:{spooled.parked_large}": [spooled.waiting],
    }
    for query, ids in table.items():
        status, told = await api.get(f"/entries{query}")
        assert (200, ids) == (status, [each["id"] for each in told["entries"]])


async def test_pages(spooled: Spooled, api: Api) -> None:
    """Each page says where the next one begins, the last one that there is none."""
    _, first = await api.get("/entries?limit=3")
    _, last = await api.get(f"/entries?limit=3&after={first['next']}")
    assert (3, 1, None) == (len(first["entries"]), len(last["entries"]), last["next"])


async def test_entry(spooled: Spooled, api: Api) -> None:
    """A record tells the reason and the attempts."""
    status, told = await api.get(f"/entries/{spooled.parked}")
    assert (200, "parked", REFUSED, 1) == (status, told["state"], told["reason"], told["attempts"])
    assert {"control_id": "C-m1"} == told["identifiers"]


async def test_keyed_identifiers(spooled: Spooled) -> None:
    """No record of a keyed listener tells its identifiers, alone or in a list."""
    async for api in serve(spooled.spool, keyed={"adt"}):
        _, told = await api.get(f"/entries/{spooled.parked}")
        _, listed = await api.get("/entries")
        assert [{}] == [told["identifiers"]]
        told_of = {each["listener"]: bool(each["identifiers"]) for each in listed["entries"]}
        assert {"adt": False, "scanner": True} == told_of


async def test_payload(spooled: Spooled, api: Api) -> None:
    """A payload comes as it was received, as something that no browser shows or keeps."""
    for entry_id, data in ((spooled.parked, SMALL), (spooled.parked_large, LARGE)):
        status, octets, headers = await api.payload(entry_id)
        assert (200, data, str(len(data))) == (status, octets, headers["Content-Length"])
        assert ("application/octet-stream", "attachment", "nosniff", "no-store") == (
            headers["Content-Type"],
            headers["Content-Disposition"],
            headers["X-Content-Type-Options"],
            headers["Cache-Control"],
        )


async def test_no_payload(spooled: Spooled, api: Api) -> None:
    """What is unknown, gone or damaged has a status of its own, and not an octet is sent."""
    (file,) = body_files(spooled.data_dir)
    file.write_bytes(LARGE[:-1] + b"X")
    table = {"nonsense": 404, spooled.delivered: 410, spooled.parked_large: 500}
    for entry_id, expected in table.items():
        status, octets, _ = await api.payload(entry_id)
        assert (expected, ["error"]) == (status, list(json.loads(octets)))


async def test_payload_that_breaks(broken: Api) -> None:
    """Damage that shows while a payload is sent cuts the answer short, so that nobody takes it for whole."""
    with capture_logs() as logs, pytest.raises(ClientPayloadError):
        await broken.payload("abc-1-1")
    reason = "the payload is not what was committed"
    assert [("spool_payload_cut_off", "abc-1-1", reason)] == [
        (each["event"], each["entry_id"], each["reason"]) for each in logs if each["log_level"] == "error"
    ]


class LongBody:
    """A body that is longer than anybody wants to read."""

    length = 1 << 40
    replayable = True

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield octets without an end."""
        while True:
            yield bytes(1 << 16)


class LongSpool(BrokenSpool):
    """A spool with a payload that is longer than anybody wants to read."""

    async def open_body(self, entry_id: str) -> Any:
        """Return the payload."""
        return LongBody()


async def test_client_that_goes_away() -> None:
    """If the client ends a download, the payload is not blamed, in the log or to the server; the act is not done."""
    raised: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
    trail = Trail()

    @web.middleware
    async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except BaseException as error:
            raised.set_result(error)
            raise

    with capture_logs() as logs:
        async for api in serve(LongSpool(), trail.tell, watch):
            await api.begin_payload("abc-1-1")
            error = await asyncio.wait_for(raised, 60)
    assert "payload" not in str(error)
    assert ["spool_payload_read"] == [each["event"] for each in logs]
    assert [False] == [each.is_done for each in trail.acts]


async def test_retry_ids(spooled: Spooled, api: Api) -> None:
    """Named entries wait again."""
    assert (200, {"count": 1}) == await api.post("retry", {"ids": [spooled.parked, spooled.delivered]})
    assert ["delivered", "waiting", "parked", "waiting"] == await spooled.states()


@pytest.mark.parametrize(
    "body", [{"destination": "store"}, {"older_than": "90m", "listener": "adt"}, {"all": True, "reason_like": "it"}]
)
async def test_retry_many(spooled: Spooled, api: Api, body: object) -> None:
    """Without IDs the parked entries that match wait again."""
    assert (200, {"count": 2}) == await api.post("retry", body)
    assert ["delivered", "waiting", "waiting", "waiting"] == await spooled.states()


async def test_discard(spooled: Spooled, api: Api) -> None:
    """Discarded entries keep the reason; what waits is left alone unless it is named."""
    assert (200, {"count": 2}) == await api.post("discard", {"reason_like": "refused", "reason": "sent by hand"})
    assert (State.DISCARDED, "sent by hand") == (await spooled.records())[spooled.parked]
    assert ["delivered", "discarded", "discarded", "waiting"] == await spooled.states()
    assert (200, {"count": 1}) == await api.post("discard", {"ids": [spooled.waiting], "reason": "a test"})


async def test_who_discarded(spooled: Spooled, api: Api) -> None:
    """The record keeps both reasons and the caller."""
    await api.post(
        "discard", {"ids": [spooled.parked], "reason": "sent by hand"}, {**JSON, "Authorization": "Bearer x"}
    )
    _, told = await api.get(f"/entries/{spooled.parked}")
    assert ("sent by hand", REFUSED, "admin token at 127.0.0.1") == (
        told["reason"],
        told["earlier_reason"],
        told["discarded_by"],
    )


async def test_reasons(api: Api) -> None:
    """The sums by destination, state and reason."""
    status, told = await api.get("/reasons")
    expected = [("other", "waiting", 1, None), ("store", "parked", 2, REFUSED)]
    assert (200, expected) == (
        status,
        [(each["destination"], each["state"], each["count"], each["reason"]) for each in told["totals"]],
    )


@pytest.mark.parametrize("action", ["retry", "discard"])
async def test_dry_run(spooled: Spooled, api: Api, action: str) -> None:
    """What would be decided on is told, and nothing is changed."""
    before = await spooled.records()
    reason = {"reason": "a test"} if action == "discard" else {}
    status, told = await api.post(action, {"destination": "store", "dry_run": True, **reason})
    assert (200, 2, [REFUSED]) == (status, told["count"], [each["reason"] for each in told["totals"]])
    assert before == await spooled.records()
    assert 400 == (await api.post(action, {"destination": "store", "dry_run": "yes", **reason}))[0]
    assert before == await spooled.records()


async def test_what_is_told(spooled: Spooled) -> None:
    """Each decision and each payload that is given out is an act; what is refused is none."""
    trail = Trail()
    async for api in serve(spooled.spool, trail.tell):
        await api.payload(spooled.parked)
        await api.payload("nonsense")
        await api.post("retry", {"ids": [spooled.parked]})
        await api.post("retry", {})
        await api.post("move", {"from": "other", "to": "store"})
        await api.post("discard", {"destination": "store", "state": "waiting", "reason": "a test"})
    by = "nobody by name at 127.0.0.1"
    assert [
        Act(by, f"sent: 1 spooled entries; IDs: {spooled.parked}", "", "127.0.0.1"),
        Act(by, f"retried: 1 spooled entries; IDs: {spooled.parked}", "", "127.0.0.1"),
        Act(by, "moved to store: 1 spooled entries; destination: other", "", "127.0.0.1"),
        Act(by, "discarded: 2 spooled entries; destination: store; state: waiting", "a test", "127.0.0.1"),
    ] == trail.acts


async def test_a_failure_is_told() -> None:
    """A decision that failed may have been taken in part."""
    trail = Trail()
    async for api in serve(BrokenSpool(), trail.tell):
        await api.post("discard", {"destination": "store", "reason": "a test"})
    assert [False] == [each.is_done for each in trail.acts]


async def test_an_act_that_is_not_in_the_trail(spooled: Spooled) -> None:
    """The answer says that an act is done whose event could not be written, and why."""
    full = "file: No space left on device"
    async for api in serve(spooled.spool, Trail(full).tell):
        retried = await api.post("retry", {"ids": [spooled.parked]})
        moved = await api.post("move", {"from": "other", "to": "store"})
        discarded = await api.post("discard", {"destination": "store", "state": "waiting", "reason": "a test"})
    assert (200, {"count": 1, "not_audited": [full]}) == retried
    assert (200, [full]) == (moved[0], moved[1]["not_audited"])
    assert (200, {"count": 2, "not_audited": [full]}) == discarded


async def test_retry_where_nobody_delivers(spooled: Spooled, api: Api) -> None:
    """A destination that is not configured is named; what others deliver is retried unless it alone was meant."""
    await spooled.spool.commit(make_message(message_id="m4"), Plan(("gone",)))
    status, told = await api.post("retry", {"destination": "gone"})
    assert (400, True) == (status, told["error"].startswith("destination: gone is not configured")), told
    status, told = await api.post("retry", {"state": "waiting", "listener": "adt"})
    assert (200, 0, 1) == (status, told["count"], len(told["left"]))
    assert told["left"][0].startswith("destination: gone is not configured")


async def test_move(spooled: Spooled, api: Api) -> None:
    """What waits or is parked goes to another destination; what cannot is counted."""
    none = {"count": 0, "merged": 0, "left_discarded": 0, "left_other_protocol": 0}
    moved = {**none, "count": 1}
    assert (200, moved) == await api.post("move", {"from": "store", "to": "other", "ids": [spooled.parked]})
    assert (200, moved) == await api.post("move", {"from": "store", "to": "other", "state": "parked"})
    assert (200, {**none, "left_other_protocol": 3}) == await api.post("move", {"from": "other", "to": "archive"})
    for action in ("move", "retry"):
        status, told = await api.post(action, {"from": "store", "to": "other", "destination": "store"})
        assert (400, True) == (status, "is not known here" in told["error"]), told


async def test_a_move_is_logged(api: Api) -> None:
    """The log tells who moved how many from where to where."""
    with capture_logs() as logs:
        await api.post("move", {"from": "store", "to": "other"})
    (moved,) = logs
    assert ("spool_entries_moved", 2, "store", "other", "127.0.0.1") == (
        moved["event"],
        moved["count"],
        moved["destination"],
        moved["to"],
        moved["peer"],
    )


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"to": "other"}, "from, to: are not both given"),
        ({"from": "store", "to": None}, "to: is not a line of text"),
        (
            {"from": "store", "to": "gone"},
            "to: there is no destination 'gone' in the configuration; there is archive",
        ),
        ({"from": "gone", "to": "other"}, "from: nothing in the spool is for 'gone'; there is other, store"),
        ({"from": "store", "to": "other", "state": "discarded"}, "state: discarded entries stay as they are"),
        ({"from": "store", "to": "other", "all": True}, "all: is not known here"),
    ],
)
async def test_bad_moves(spooled: Spooled, api: Api, body: object, problem: str) -> None:
    """A body that is not understood is answered 400 and changes nothing."""
    before = await spooled.records()
    status, told = await api.post("move", body)
    assert (400, True) == (status, told["error"].startswith(problem)), told
    assert before == await spooled.records()


async def test_decisions_are_logged(spooled: Spooled, api: Api) -> None:
    """A decision leaves a trace: what was meant, by whom and how many; not the reason, which people write freely."""
    with capture_logs() as logs:
        await api.post("discard", {"destination": "store", "reason": "Mrs Everywoman died"})
        await api.post("retry", {"ids": [spooled.waiting]})
    discarded, retried = logs
    assert ("spool_entries_discarded", 2, "store", "127.0.0.1", None) == (
        discarded["event"],
        discarded["count"],
        discarded["destination"],
        discarded["peer"],
        discarded["named"],
    )
    assert ("spool_entries_retried", 0, 1) == (retried["event"], retried["count"], retried["named"])
    assert "Everywoman" not in repr(logs)


async def test_reading_is_logged(spooled: Spooled, api: Api) -> None:
    """Whoever takes a payload leaves a trace, and nothing of the payload; what is not there leaves none."""
    with capture_logs() as logs:
        await api.payload(spooled.parked)
        await api.payload("EVERYWOMAN")
    (read,) = logs
    assert ("spool_payload_read", spooled.parked, "127.0.0.1") == (read["event"], read["entry_id"], read["peer"])


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("?state=parked", "state: is not known here"),
        ("/entries?state=lost", "state: 'lost' is not a state"),
        ("/entries?older_than=2w", "older_than: '2w' is not an age"),
        ("/entries?limit=0", "limit: '0' is not a page size"),
        ("/entries?after=", "after: is not a line of text"),
        ("/entries?destination=", "destination: is not a line of text"),
        ("/entries?state=parked&state=waiting", "state: is not known here or stands twice"),
        ("/entries?stat=parked", "stat: is not known here"),
    ],
)
async def test_bad_queries(api: Api, path: str, problem: str) -> None:
    """A parameter that is not understood is answered 400 with its name and the mend."""
    status, told = await api.get(path)
    assert (400, True) == (status, told["error"].startswith(problem)), told


@pytest.mark.parametrize("action", ["retry", "discard"])
@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "nothing is selected"),
        ({"all": False}, "nothing is selected"),
        ({"ids": []}, "ids: is not a list"),
        ({"destinaton": "store", "all": True}, "destinaton: is not known here"),
        ({"state": "delivered"}, "state: delivered entries stay as they are"),
        (b"", "body: is not JSON"),
        (b"\xff", "body: is not JSON"),
        (b"[" * 100_000, "body: is not JSON"),
        (b"[]", "body: is not a JSON object"),
    ],
)
async def test_bad_decisions(spooled: Spooled, api: Api, action: str, body: Any, problem: str) -> None:
    """A body that is not understood, or selects nothing, is answered 400 and changes nothing."""
    before = await spooled.records()
    reason = {"reason": "a test"} if action == "discard" and isinstance(body, dict) else {}
    status, told = await api.post(action, {**body, **reason} if reason else body)
    assert (400, True) == (status, told["error"].startswith(problem)), told
    assert before == await spooled.records()


@pytest.mark.parametrize("body", [{"all": True}, {"all": True, "reason": " "}])
async def test_discard_needs_a_reason(spooled: Spooled, api: Api, body: object) -> None:
    """Nothing is discarded without a reason; to retry, none is taken."""
    before = await spooled.records()
    status, told = await api.post("discard", body)
    assert (400, True) == (status, told["error"].startswith("reason: ")), told
    assert 400 == (await api.post("retry", {"all": True, "reason": "a test"}))[0]
    assert before == await spooled.records()


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"])
async def test_forms_are_refused(spooled: Spooled, api: Api, media_type: str) -> None:
    """What a foreign page can make a browser post is refused, whatever it holds."""
    before = await spooled.records()
    status, told = await api.post("retry", {"all": True}, {"Content-Type": media_type})
    assert (400, True) == (status, told["error"].startswith("Content-Type: is not application/json")), told
    assert before == await spooled.records()


async def test_unknown_entries(spooled: Spooled, api: Api) -> None:
    """An unknown ID is answered 404; among known ones it changes nothing."""
    before = await spooled.records()
    ids = [spooled.parked, "abc-1-1"]
    assert 404 == (await api.get("/entries/abc-1-1"))[0]
    assert 404 == (await api.post("retry", {"ids": ids}))[0]
    assert 404 == (await api.post("discard", {"ids": ids, "reason": "a test"}))[0]
    assert before == await spooled.records()


async def test_spool_out_of_order(broken: Api) -> None:
    """While the spool cannot be used the answer is 503 with the reason."""
    busy, full = "the spool cannot be read (SQLITE_BUSY)", "the disk is full"
    assert (503, {"error": busy}) == await broken.get()
    assert (503, {"error": busy}) == await broken.get("/entries")
    assert (503, {"error": busy}) == await broken.post("retry", {"reason_like": "no"})
    assert (503, {"error": full}) == await broken.post("retry", {"destination": "store"})
    assert (503, {"error": busy}) == await broken.post("move", {"from": "store", "to": "other"})
    assert (503, {"error": full}) == await broken.post("discard", {"destination": "store", "reason": "a test"})


async def test_payload_is_given_in_one_place(spooled: Spooled, api: Api) -> None:
    """No answer but that of ``payload`` holds a byte of any, and no log line does."""
    assert MARK in (await api.payload(spooled.parked))[1]
    with capture_logs() as logs:
        for path in ("", "/entries", "/entries?state=lost", *(f"/entries/{each}" for each in await spooled.records())):
            await api.get(path)
        await api.get(f"/entries/{spooled.delivered}/payload")
        for action, body in (
            ("retry", {}),
            ("retry", {"destination": "store"}),
            ("discard", {"destination": "other", "reason": "x"}),
        ):
            await api.post(action, body)
    assert len(api.seen) > 2000
    assert MARK not in api.seen + repr(logs).encode()
