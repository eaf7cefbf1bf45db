"""Delivery to a DICOMweb store over a real socket."""

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from adapters.rest.dicomweb.conflict import NOT_GIVEN_BACK
from adapters.rest.dicomweb.holdings import NEVER_GIVEN_BACK, NOT_DELETED
from adapters.rest.dicomweb.multipart import Related
from adapters.rest.dicomweb.settings import DicomwebSettings
from adapters.rest.dicomweb.store import NOT_SPOOLED, STILL_HELD, Dicomweb
from gateway.contract.body import Buffer, WholeBody
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from tests.adapters.rest.shapes import SHAPES, Evidence, accepted, failed, item

Start = Callable[..., Awaitable[str]]

UID, OTHER_UID = "1.2.3", "1.2.4"
MAX_COMMENT = 64  # PS3.5 6.2: LO, the representation of Error Comment
DIFFERS = Refused("the store holds another instance with this SOP Instance UID", code="0111")


META = b"\x02\x00\x10\x00UI\x04\x001.2\0"


def part10(data_set: bytes, meta: bytes = META) -> bytes:
    """Return a Part 10 file."""
    return bytes(128) + b"DICM\x02\x00\x00\x00UL\x04\x00" + len(meta).to_bytes(4, "little") + meta + data_set


OURS = part10(b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100" * 20)
OTHER = part10(b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 192" * 20)


class Arriving:
    """A body that can be read once."""

    length = None
    replayable = False

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the body in fragments."""
        data, self._data = self._data, b""
        for start in range(0, len(data), 100):
            yield memoryview(data)[start : start + 100]


def arriving(data: bytes = OURS) -> Message:
    """Return a message whose body is still arriving."""
    return Message("m1", Arriving(data), {}, {"sop_instance_uid": UID})


def whole(data: bytes = OURS, uid: str = UID) -> Message:
    """Return a message whose body is in memory."""
    return Message("m1", WholeBody(data), {}, {"sop_instance_uid": uid})


MESSAGES = [arriving, whole]


def respond(status: int, tag: str | None = None, **reason: int) -> web.Response:
    """Return a response with one item in the sequence *tag*."""
    item: dict[str, object] = {"00081155": {"vr": "UI", "Value": [UID]}}
    item |= {name[1:]: {"vr": "US", "Value": [value]} for name, value in reason.items()}
    body = {} if tag is None else {tag: {"vr": "SQ", "Value": [item]}}
    return web.Response(status=status, text=json.dumps(body), content_type="application/dicom+json")


class Store:
    """A store that holds one instance at most and answers 409 to a second one, as Google's does."""

    def __init__(self, held: bytes | None = None, reason: int | None = None) -> None:
        self.held = held
        self.reason = reason
        self.log: list[str] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        self.log.append(f"{request.method} {request.path}")
        match request.method:
            case "POST":
                return await self._store(request)
            case "DELETE":
                self.held = None
                return web.Response()
        if request.path.endswith("/instances"):
            return self._search()
        return self._retrieve()

    async def _store(self, request: web.Request) -> web.Response:
        reader = await request.multipart()
        part = await reader.next()
        assert part is not None
        assert "application/dicom" == part.headers["Content-Type"]
        data = await part.read()  # type: ignore[union-attr]
        if self.held is None:
            self.held = bytes(data)
            return respond(200, "00081199")
        return respond(409) if self.reason is None else respond(409, "00081198", _00081197=self.reason)

    def _search(self) -> web.Response:
        match = {"00080018": UID, "0020000D": "1.1", "0020000E": "1.2"}
        instance = {tag: {"vr": "UI", "Value": [value]} for tag, value in match.items()}
        return web.Response(text=json.dumps([] if self.held is None else [instance]))

    def _retrieve(self) -> web.Response:
        assert self.held is not None
        related = Related("b0und", "application/dicom")
        own_header = part10(self.held[156:], META + b"\x02\x00\x16\x00AE\x06\x00STORE ")
        return web.Response(
            body=related.prefix + own_header + related.suffix, headers={"Content-Type": related.content_type}
        )


def destination(url: str, **settings: object) -> Dicomweb:
    """Return a destination for a store at *url*."""
    values = {"kind": "dicomweb", "url": url, "found_within": 0, **settings}
    return Dicomweb("image-store", DicomwebSettings.model_validate(values))


@pytest.mark.parametrize("message", MESSAGES)
async def test_store(serve: Start, message: Callable[[], Message]) -> None:
    """The request is STOW-RS with one part, and the instance arrives as it was."""
    store = Store()

    async def check(request: web.Request) -> web.StreamResponse:
        assert "application/dicom+json" == request.headers["Accept"]
        assert "multipart/related" == request.content_type
        assert (request.content_length is None) == (message is arriving)
        return await store(request)

    async with destination(await serve(check) + "/dicom-web/") as dicomweb:
        assert Stored() == await dicomweb.deliver(message())
    assert (["POST /dicom-web/studies"], OURS) == (store.log, store.held)


REASONS = {"no reason": None, "duplicate": 0x0111, "Azure's": 45070, "processing failure": 0x0110}


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
@pytest.mark.parametrize("message", MESSAGES)
async def test_sending_again_is_success(serve: Start, message: Callable[[], Message], reason: int | None) -> None:
    """A 409 for an instance that the store already holds is Stored, whatever header the store gave it."""
    store = Store(OURS, reason)
    async with destination(await serve(store)) as dicomweb:
        assert Stored() == await dicomweb.deliver(message())
    assert OURS == store.held


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
@pytest.mark.parametrize("message", MESSAGES)
async def test_another_instance_is_refused(serve: Start, message: Callable[[], Message], reason: int | None) -> None:
    """A 409 because the store holds something else under the UID is 0111, and the store keeps what it has."""
    store = Store(OTHER, reason)
    async with destination(await serve(store)) as dicomweb:
        assert DIFFERS == await dicomweb.deliver(message())
    assert OTHER == store.held


async def test_overwrite_with_a_whole_body(serve: Start) -> None:
    """The other instance is deleted and the body sent again."""
    store = Store(OTHER)
    async with destination(await serve(store), on_conflict="overwrite") as dicomweb:
        assert Stored() == await dicomweb.deliver(whole())
    assert OURS == store.held


async def test_overwrite_with_an_arriving_body(serve: Start) -> None:
    """A relayed instance never overwrites: Hilum could not send it again if that failed."""
    store = Store(OTHER)
    async with destination(await serve(store), on_conflict="overwrite") as dicomweb:
        assert [NOT_SPOOLED] * 3 == [await dicomweb.deliver(arriving()) for _ in range(3)]
    assert OTHER == store.held
    assert not any(line.startswith("DELETE") for line in store.log)
    assert MAX_COMMENT >= len(NOT_SPOOLED.reason)


async def _breaks_off() -> AsyncIterator[Buffer]:
    yield OURS[:200]
    raise ConnectionResetError


async def _breaks_off_at_once() -> AsyncIterator[Buffer]:
    yield b""
    raise ConnectionResetError


async def _never_ends() -> AsyncIterator[Buffer]:
    yield OURS[:200]
    await asyncio.Event().wait()


class Failing(Arriving):
    """A body that does not come to its end."""

    def __init__(self, chunks: Callable[[], AsyncIterator[Buffer]]) -> None:
        super().__init__(b"")
        self.chunks = chunks  # type: ignore[method-assign]


@pytest.mark.parametrize("chunks", [_breaks_off, _breaks_off_at_once, _never_ends])
async def test_overwrite_with_a_body_that_does_not_end(
    serve: Start, chunks: Callable[[], AsyncIterator[Buffer]]
) -> None:
    """After a conflict nothing is deleted for an instance whose body is incomplete."""
    store = Store(OTHER)
    async with destination(await serve(store), on_conflict="overwrite") as dicomweb:
        await dicomweb.deliver(arriving())
        message = Message("m2", Failing(chunks), {}, {"sop_instance_uid": UID})
        delivery = asyncio.create_task(dicomweb.deliver(message))
        done, _ = await asyncio.wait([delivery], timeout=0.2)
        if not done:
            delivery.cancel()
            await asyncio.wait([delivery])
    assert OTHER == store.held


async def test_replacement_is_sent_until_it_is_there(serve: Start) -> None:
    """If the POST after the DELETE fails, the instance is sent again from the spool."""
    store, posts = Store(OTHER), []

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            posts.append(request.path)
            if len(posts) in {2, 3}:
                return web.Response(status=503)
        return await store(request)

    async with destination(await serve(answer), on_conflict="overwrite") as dicomweb:
        outcomes = [await dicomweb.deliver(whole()) for _ in range(3)]
    assert [Unavailable] * 2 == [type(each) for each in outcomes[:2]]
    assert Stored() == outcomes[2]
    assert OURS == store.held


async def test_overwrite_keeps_the_same_instance(serve: Start) -> None:
    """Nothing is deleted when the store already holds the same instance."""
    store = Store(OURS)
    async with destination(await serve(store), on_conflict="overwrite") as dicomweb:
        assert Stored() == await dicomweb.deliver(arriving())
    assert not any(line.startswith("DELETE") for line in store.log)


async def test_overwrite_without_delete(serve: Start) -> None:
    """A store that cannot delete keeps its instance, and the peer gets a refusal."""
    store = Store(OTHER)

    async def keep(request: web.Request) -> web.StreamResponse:
        return web.Response(status=405) if request.method == "DELETE" else await store(request)

    async with destination(await serve(keep), on_conflict="overwrite") as dicomweb:
        outcome = await dicomweb.deliver(whole())
    assert Refused("the store holds another instance and cannot delete it", code="0111") == outcome
    assert OTHER == store.held


PAGE = "<!DOCTYPE html><html><body>Please log in to the hospital's network</body></html>"

NOT_OUR_STORE: dict[str, tuple[str, int, str, str]] = {
    "a page to WADO-RS": ("GET", 200, PAGE, "the store's answer is not the instance that it holds"),
    "nothing to WADO-RS": ("GET", 200, "", "the store's answer is not the instance that it holds"),
    "a page to DELETE": ("DELETE", 200, PAGE, NOT_DELETED),
    "a JSON error to DELETE": ("DELETE", 200, '{"error": "read-only"}', NOT_DELETED),
    "404 as a page to DELETE": ("DELETE", 404, PAGE, NOT_DELETED),
    "204 to DELETE, nothing deleted": ("DELETE", 204, "", STILL_HELD.reason),
    "404 to DELETE, nothing deleted": ("DELETE", 404, "", STILL_HELD.reason),
}
"""Which request something else than the store answers, how, and the reason of the outcome."""


@pytest.mark.parametrize(("method", "status", "body", "reason"), NOT_OUR_STORE.values(), ids=NOT_OUR_STORE)
async def test_overwrite_behind_something_that_is_no_store(
    serve: Start, method: str, status: int, body: str, reason: str
) -> None:
    """What a proxy says is no verdict: the instance is sent again, and the store then replaces the other one."""
    store, is_there = Store(OTHER), [False]

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.method != method or request.path.endswith("/instances") or is_there[0]:
            return await store(request)
        return web.Response(status=status, text=body, content_type="text/html")

    async with destination(await serve(answer), on_conflict="overwrite") as dicomweb:
        with capture_logs() as logs:
            outcome = await dicomweb.deliver(whole())
        assert isinstance(outcome, Unavailable)
        assert outcome.reason.endswith(reason)
        assert OTHER == store.held
        said = [line for line in logs if line["event"] == "instance_deleted"]
        assert (reason == STILL_HELD.reason) == bool(said)
        is_there[0] = True
        assert Stored() == await dicomweb.deliver(whole())
    assert OURS == store.held


@pytest.mark.parametrize("uid", ["..", ".", "1..2", "../../1.1"])
async def test_nothing_but_the_instance_is_deleted(serve: Start, uid: str) -> None:
    """An identifier that is no UID deletes nothing, even from an older spool whose UIDs were not checked."""
    store = Store(OTHER)

    async def answer(request: web.Request) -> web.StreamResponse:
        reply = await store(request)
        if request.path == "/instances":  # whatever it is asked for, this store has it
            values = {"00080018": uid, "0020000D": "1.1", "0020000E": "1.2"}
            return web.json_response([{tag: {"vr": "UI", "Value": [each]} for tag, each in values.items()}])
        return reply

    async with destination(await serve(answer), on_conflict="overwrite") as dicomweb:
        await dicomweb.deliver(whole(uid=uid))
    assert OTHER == store.held
    assert ["POST /studies"] == store.log


CODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "gzip in capitals": ("GZIP", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "Identity": ("Identity", bytes),
    "empty": ("", bytes),
    "a character set": ("utf-8", bytes),
}


@pytest.mark.parametrize(("name", "code"), CODINGS.values(), ids=CODINGS)
@pytest.mark.parametrize(("held", "expected"), [(None, Stored()), (OURS, Stored()), (OTHER, DIFFERS)])
async def test_content_coding_that_nobody_asked_for(
    serve: Start, name: str, code: Callable[[bytes], bytes], held: bytes | None, expected: Outcome
) -> None:
    """The answers to STOW-RS, QIDO-RS and WADO-RS mean the same in every encoding."""
    store = Store(held)

    async def answer(request: web.Request) -> web.StreamResponse:
        plain = await store(request)
        assert isinstance(plain, web.Response)
        body = plain.body if isinstance(plain.body, bytes) else b""
        headers = {"Content-Encoding": name, "Content-Type": plain.headers["Content-Type"]}
        return web.Response(status=plain.status, body=code(body), headers=headers)

    async with destination(await serve(answer)) as dicomweb:
        assert expected == await dicomweb.deliver(whole())


QUERIES: dict[str, tuple[int, str, type[Outcome]]] = {
    "no QIDO-RS": (404, "", Refused),
    "no QIDO-RS, says a page": (404, PAGE, Refused),
    "no such method": (405, "", Refused),
    "no such parameter": (400, '{"error": "SOPInstanceUID is not supported"}', Refused),
    "not implemented": (501, "", Refused),
    "out of service": (503, "", Unavailable),
    "too many requests": (429, "", Unavailable),
    "no permission": (403, "", Unavailable),
    "a page instead": (200, PAGE, Unavailable),
}
"""What the store answers to a query, and what becomes of an instance that it says it holds."""


@pytest.mark.parametrize(("status", "body", "expected"), QUERIES.values(), ids=QUERIES)
@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
@pytest.mark.parametrize("message", MESSAGES)
async def test_duplicate_that_cannot_be_compared(
    serve: Start, message: Callable[[], Message], reason: int | None, status: int, body: str, expected: type[Outcome]
) -> None:
    """A store without QIDO-RS gives 0111. A store whose query fails is asked again later."""
    store = Store(OURS, reason)

    async def answer(request: web.Request) -> web.StreamResponse:
        reply = await store(request)
        return web.Response(status=status, text=body) if request.path == "/instances" else reply

    async with destination(await serve(answer)) as dicomweb:
        outcome = await dicomweb.deliver(message())
    assert expected is type(outcome)
    assert isinstance(outcome, Unavailable) or ("0110" if reason == 0x0110 else "0111") == outcome.code


RENAMED: dict[str, tuple[int, dict[str, object], str]] = {
    "leading zeros": (200, accepted(item("1.02.3")), "B000"),
    "another UID": (200, accepted(item("2.25.1")), "B000"),
    "another UID, with the warning of a coercion": (202, accepted(item("2.25.1", _00081196=0xB000)), "B000"),
    "another UID, with another warning": (202, accepted(item("2.25.1", _00081196=0xB007)), "B007"),
    "another UID, failed": (409, failed(item("2.25.1", _00081197=0xC122)), "C122"),
}
"""Status and body of a store that names exactly one other instance, and the code of the outcome."""


@pytest.mark.parametrize(("status", "body", "code"), RENAMED.values(), ids=RENAMED)
async def test_exactly_one_other_instance_is_named(
    serve: Start, status: int, body: dict[str, object], code: str
) -> None:
    """If one instance was sent and the store names one other, the verdict is about the one sent."""

    async def reply(request: web.Request) -> web.Response:
        await request.read()
        if request.method != "POST":
            return web.Response(status=404)
        return web.Response(status=status, text=json.dumps(body), content_type="application/dicom+json")

    async with destination(await serve(reply)) as dicomweb:
        outcome = await dicomweb.deliver(arriving())
        batch = await dicomweb.deliver_many([whole(), whole(uid=OTHER_UID)])
    assert (code, status < 300) == (outcome.code, isinstance(outcome, Stored))
    assert not any(isinstance(each, Stored) for each in batch)


async def test_one_of_two_that_is_not_given_back(serve: Start) -> None:
    """If one of several instances is not given back, it is not certain that all of them differ."""
    store = Store(OTHER)

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/instances":
            found = [{"00080018": UID, "0020000D": study, "0020000E": "1.2"} for study in ("1.8", "1.1")]
            return web.json_response([{tag: {"vr": "UI", "Value": [each[tag]]} for tag in each} for each in found])
        return web.Response(text=PAGE) if "1.8" in request.path else await store(request)

    async with destination(await serve(answer)) as dicomweb:
        assert NOT_GIVEN_BACK == await dicomweb.deliver(whole())


ANSWERS: dict[str, tuple[web.Response, int, str | None, Outcome]] = {
    "a warning": (respond(202, "00081199", _00081196=0xB000), 500, None, Stored(code="B000")),
    "a failure": (
        respond(409, "00081198", _00081197=0xC122),
        500,
        None,
        Refused(
            "the store said C122 transfer syntax not supported; the store failed to store the instance", code="C122"
        ),
    ),
    "413": (respond(413), 500, None, Refused("the message is larger than the store takes", code="A900")),
    "a bare 200 from a store without QIDO-RS": (
        respond(200),
        404,
        None,
        Unavailable("the store did not say what became of the instance", maybe_stored=True),
    ),
    "a page with 200": (
        web.Response(text="<html>", content_type="text/html"),
        404,
        None,
        Unavailable("the store's success has no DICOMweb response", maybe_stored=True),
    ),
    "a bare 200 from a store that has lost it": (
        respond(200),
        200,
        "[]",
        Unavailable("the store answered 200 but does not hold the instance"),
    ),
    "a bare 202 from a store without QIDO-RS": (
        respond(202),
        404,
        None,
        Unavailable("the store did not say what became of the instance", maybe_stored=True),
    ),
    "a bare 409 from a store that does not hold it": (
        respond(409),
        204,
        None,
        Unavailable("the store did not say what became of the instance"),
    ),
}


@pytest.mark.parametrize(("answer", "status", "found", "expected"), ANSWERS.values(), ids=ANSWERS)
async def test_answer(serve: Start, answer: web.Response, status: int, found: str | None, expected: Outcome) -> None:
    """The store's verdict counts; without one, what the store holds decides."""

    async def reply(request: web.Request) -> web.Response:
        await request.read()
        if request.method == "POST":
            return web.Response(status=answer.status, body=answer.body, content_type=answer.content_type)
        return web.Response(status=status, text=found)

    async with destination(await serve(reply)) as dicomweb:
        assert expected == await dicomweb.deliver(arriving())


@pytest.mark.parametrize(("status", "content_type", "body", "evidence"), SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("accept_empty", [False, True])
async def test_evidence(
    serve: Start, status: int, content_type: str, body: bytes, evidence: Evidence, accept_empty: bool
) -> None:
    """A store that does not say what it holds has stored what it names, or what it is known to be silent about."""

    async def reply(request: web.Request) -> web.Response:
        await request.read()
        if request.method != "POST":
            return web.Response(status=501)
        return web.Response(status=status, body=body, headers={"Content-Type": content_type})

    async with destination(await serve(reply), accept_empty=accept_empty) as dicomweb:
        outcomes = [await dicomweb.deliver(arriving()), *await dicomweb.deliver_many([whole(), whole(uid=OTHER_UID)])]
    stored = evidence is Evidence.STORED or (evidence is Evidence.KNOWN and accept_empty)
    assert [stored, stored] == [isinstance(each, Stored) for each in outcomes[:2]]
    assert (evidence is Evidence.KNOWN and accept_empty) == isinstance(outcomes[2], Stored)
    assert (evidence is Evidence.FAILED) == isinstance(outcomes[0], Refused)


def named(*uids: str) -> web.Response:
    """Return a response that names instances as stored."""
    items = [{"00081155": {"vr": "UI", "Value": [uid]}} for uid in uids]
    return web.Response(text=json.dumps({"00081199": {"vr": "SQ", "Value": items}}), content_type=DICOM_JSON)


DICOM_JSON = "application/dicom+json"

NOT_NAMED: dict[str, Callable[[], web.Response]] = {
    "nothing": web.Response,
    "an empty data set": lambda: respond(200),
    "two other instances": lambda: named("9.9.9", "9.9.8"),  # a single one is ours under the store's own UID
    "no success of a store": lambda: web.json_response({"error": "no database"}),
    "202 and nothing": lambda: respond(202),
}


class Silent(Store):
    """A store that takes an instance, unless it holds one, and answers *reply* in any case, never naming it."""

    def __init__(self, reply: Callable[[], web.Response], held: bytes | None = None) -> None:
        super().__init__(held)
        self._reply = reply
        self.retrievals = 0
        self.gives_back = True

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        answer = await super().__call__(request)
        if request.method == "POST":
            return self._reply()
        is_retrieval = request.method == "GET" and not request.path.endswith("/instances")
        self.retrievals += is_retrieval
        return web.Response(status=406) if is_retrieval and not self.gives_back else answer


@pytest.mark.parametrize("reply", NOT_NAMED.values(), ids=NOT_NAMED)
@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("accept_empty", [False, True])
@pytest.mark.parametrize(("held", "expected"), [(None, Stored()), (OURS, Stored()), (OTHER, DIFFERS)])
async def test_success_that_does_not_name_the_instance(
    serve: Start,
    reply: Callable[[], web.Response],
    message: Callable[[], Message],
    accept_empty: bool,
    held: bytes | None,
    expected: Outcome,
) -> None:
    """Holding an instance of the UID is not enough: an older one may have stayed, and its correction been lost."""
    store = Silent(reply, held)
    async with destination(await serve(store), accept_empty=accept_empty) as dicomweb:
        assert expected == await dicomweb.deliver(message())
    # Where the octets differ the content is compared, if it can be read again.
    assert (2 if (expected, message) == (DIFFERS, whole) else 1) == store.retrievals


async def test_success_for_several_that_names_none(serve: Start) -> None:
    """In a request with several instances each is compared likewise."""
    store = Silent(NOT_NAMED["two other instances"], OTHER)

    async def answer(request: web.Request) -> web.StreamResponse:
        is_other = request.query.get("SOPInstanceUID") == OTHER_UID
        return web.json_response([]) if is_other else await store(request)

    async with destination(await serve(answer)) as dicomweb:
        outcomes = await dicomweb.deliver_many([whole(), whole(uid=OTHER_UID)])
    assert [DIFFERS, Unavailable("the store answered 200 but does not hold the instance")] == outcomes


@pytest.mark.parametrize("accept_empty", [False, True])
async def test_bare_success_of_a_store_without_wado(serve: Start, accept_empty: bool) -> None:
    """If the store gives nothing back, an empty success counts only with accept_empty."""
    store = Silent(NOT_NAMED["nothing"], OURS)
    store.gives_back = False
    async with destination(await serve(store), accept_empty=accept_empty) as dicomweb:
        assert accept_empty == isinstance(await dicomweb.deliver(arriving()), Stored)


@pytest.mark.parametrize("on_conflict", ["refuse", "overwrite"])
async def test_silent_store_that_changes_what_it_takes(serve: Start, on_conflict: str) -> None:
    """An instance in a store that held none just before is the one sent, even with a changed value."""

    class Coercing(Silent):
        async def _store(self, request: web.Request) -> web.Response:
            answer = await super()._store(request)
            self.held = self.held and self.held.replace(b"ISO_IR 192", b"ISO_IR 144").replace(b" 100", b" 144")
            return answer

    store = Coercing(NOT_NAMED["nothing"], OTHER)
    async with destination(await serve(store), on_conflict=on_conflict) as dicomweb:
        assert (on_conflict == "overwrite") == isinstance(await dicomweb.deliver(whole()), Stored)


async def test_conflict_that_cannot_be_compared(serve: Start) -> None:
    """A store that gives back nothing in any form gives 0111."""
    store = Store(OURS)

    async def reply(request: web.Request) -> web.StreamResponse:
        if request.method == "GET" and not request.path.endswith("/instances"):
            return web.Response(status=406)
        return await store(request)

    async with destination(await serve(reply)) as dicomweb:
        outcome = await dicomweb.deliver(arriving())
    assert NEVER_GIVEN_BACK == outcome


async def test_store_that_is_down(closed_port: str) -> None:
    """A failure of the network is the outcome."""
    async with destination(closed_port) as dicomweb:
        assert Unavailable("connection refused") == await dicomweb.deliver(arriving())


LATE: dict[str, tuple[Callable[[], web.Response], float, int, Outcome]] = {
    "a bare 200": (lambda: respond(200), 5, 3, Stored()),
    "a bare 202": (lambda: respond(202), 5, 2, Stored()),
    "a bare 409": (lambda: respond(409), 5, 2, Stored()),
    "a duplicate": (lambda: respond(409, "00081198", _00081197=0x0111), 5, 2, Stored()),
    "a bare 200, looked for once": (
        lambda: respond(200),
        0,
        1,
        Unavailable("the store answered 200 but does not hold the instance"),
    ),
}
"""What the store answers, found_within, which query finds the instance (or the only one), and what becomes of it."""


@pytest.mark.parametrize(("answer", "found_within", "queries", "expected"), LATE.values(), ids=LATE)
@pytest.mark.parametrize("message", MESSAGES)
async def test_store_that_indexes_late(
    serve: Start,
    message: Callable[[], Message],
    answer: Callable[[], web.Response],
    found_within: float,
    queries: int,
    expected: Outcome,
) -> None:
    """An instance that the index does not know yet is looked for again, not called lost."""
    store, asked = Store(OURS), 0

    async def reply(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        held = await store(request)
        if request.method == "POST":
            return answer()
        if not request.path.endswith("/instances"):
            return held
        asked += 1
        return held if asked == queries and found_within else web.json_response([])

    async with destination(await serve(reply), found_within=found_within) as dicomweb:
        assert expected == await dicomweb.deliver(message())
    assert queries == asked


async def test_refusal_does_not_wait_for_the_index(serve: Start) -> None:
    """A failure that may be a duplicate is looked up once: if it is none, the failure is final."""
    asked = 0

    async def reply(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        await request.read()
        if request.method == "POST":
            return respond(409, "00081198", _00081197=0x0110)
        asked += 1
        return web.json_response([])

    async with destination(await serve(reply), found_within=30) as dicomweb:
        assert isinstance(await dicomweb.deliver(whole()), Refused)
    assert 1 == asked


WANTS_A_LENGTH = Unavailable("the store wants a length; set acknowledge: commit (HTTP 411)")


@pytest.mark.parametrize(
    ("message", "expected"), [(arriving, WANTS_A_LENGTH), (whole, Stored())], ids=["relay", "commit"]
)
async def test_store_that_wants_a_length(serve: Start, message: Callable[[], Message], expected: Outcome) -> None:
    """An arriving instance has no length, and the reason says what to do; a spooled one has a length."""
    store = Store()

    async def reply(request: web.Request) -> web.StreamResponse:
        return web.Response(status=411) if request.content_length is None else await store(request)

    async with destination(await serve(reply)) as dicomweb:
        assert expected == await dicomweb.deliver(message())


async def test_a_class_that_the_store_does_not_take(serve: Start) -> None:
    """Where the store refuses a SOP class, the cause names it from the facts of the message."""

    async def answer(_: web.Request) -> web.Response:
        return respond(409, "00081198", _00081197=0x0122)

    message = replace(whole(), facts={"sop_class_uid": "1.2.840.10008.5.1.4.1.1.130"})
    async with destination(await serve(answer)) as dicomweb:
        outcome = await dicomweb.deliver(message)
    assert isinstance(outcome, Refused)
    details = {"code": "0122", "sop_class": "1.2.840.10008.5.1.4.1.1.130"}
    assert Diagnosis(Cause.CLASS_REFUSED, details) == outcome.diagnosis
