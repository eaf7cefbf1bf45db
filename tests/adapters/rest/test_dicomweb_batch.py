"""Several instances in one request to a DICOMweb store, over a real socket."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from itertools import count
from pathlib import Path

import pytest
from aiohttp import web

from adapters.rest.dicomweb.conflict import INCOMPARABLE
from adapters.rest.dicomweb.settings import DicomwebSettings
from adapters.rest.dicomweb.store import Dicomweb
from gateway.contract.body import Body, Buffer, WholeBody
from gateway.contract.errors import GatewayError
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.sandbox.server import Sandbox
from tests.adapters.rest.archive import Archive, Judge, all_but, naming_none_of, refusing, respond
from tests.dicom_files import data_set, make_series, shipped, sop_instance_uid

Start = Callable[..., Awaitable[str]]

REASON = "the store said C000 cannot understand; the store failed to store the instance"
NOT_UNDERSTOOD = Refused(REASON, code="C000")
BAD_REQUEST = Refused("the store found an error in the message", code="C000")
DIFFERS = Refused("the store holds another instance with this SOP Instance UID", code="0111")
LOST = Unavailable("the store answered 200 but does not hold the instance")
NO_ROOM = Unavailable(
    "the store said A700 out of resources; the store has no room or time for the instance now", code="A700"
)
BROKE_OFF = Unavailable("the message ended before it was complete", maybe_stored=True)
SILENT = Unavailable("the store did not say what became of the instance")


def message(uid: str, body: Body | None = None) -> Message:
    """Return a message with an instance whose content is its UID."""
    return Message(f"m-{uid}", body or WholeBody(uid.encode()), {}, {"sop_instance_uid": uid})


def destination(url: str, **settings: object) -> Dicomweb:
    """Return a destination for a store at *url*."""
    values = {"kind": "dicomweb", "url": url, "found_within": 0, **settings}
    return Dicomweb("image-store", DicomwebSettings.model_validate(values))


A, B, C, D = UIDS = ["1.1", "1.2", "1.3", "1.4"]
ANOTHER = bytes(128) + b"DICM another"
ALL_STORED: list[Outcome] = [Stored()] * 4

OUT_OF_SERVICE = Unavailable("the store is out of service (HTTP 503)")
NO_CREDENTIALS = Unavailable("the store does not accept the credentials (HTTP 401)")
OURS = {uid: uid.encode() for uid in UIDS}

VERDICTS: dict[str, tuple[Judge, Mapping[str, bytes], list[Outcome], list[str]]] = {
    "all stored": (lambda uids: respond(200, uids), {}, ALL_STORED, []),
    "listed in another order": (lambda uids: respond(200, uids[::-1]), {}, ALL_STORED, []),
    "mixed": (
        lambda _: respond(202, [D], failed={A: 0xC000, C: 0xA700}, warned={B: 0xB000}),
        {},
        [NOT_UNDERSTOOD, Stored(code="B000"), NO_ROOM, Stored()],
        [],
    ),
    "none stored": (lambda uids: respond(409, failed=dict.fromkeys(uids, 0xC000)), {}, [NOT_UNDERSTOOD] * 4, []),
    "one held already, without a cause": (
        lambda _: respond(202, [A, C, D], failed={B: 0x0110}),
        {B: OURS[B]},
        ALL_STORED,
        [B],
    ),
    "all held already": (lambda uids: respond(409, failed=dict.fromkeys(uids, 45070)), OURS, ALL_STORED, UIDS),
    "one in conflict": (
        lambda _: respond(202, [A, C, D], failed={B: None}),
        {B: ANOTHER},
        [Stored(), INCOMPARABLE, Stored(), Stored()],
        [B],
    ),
    "200 without one that it holds": (all_but(200, C), OURS, ALL_STORED, [C]),
    "200 without one of which it holds another": (
        all_but(200, C),
        {C: ANOTHER},
        [Stored(), Stored(), INCOMPARABLE, Stored()],
        [C],
    ),
    "200 without one that it does not hold": (all_but(200, C), {}, [Stored(), Stored(), LOST, Stored()], [C]),
    "202 without one that it holds": (all_but(202, C), OURS, ALL_STORED, [C]),
    "202 without one that it does not hold": (all_but(202, C), {}, [Stored(), Stored(), SILENT, Stored()], [C]),
    "a bare 200": (all_but(200, *UIDS), {uid: OURS[uid] for uid in (A, B, C)}, [*ALL_STORED[:3], LOST], UIDS),
    "out of service": (lambda _: respond(503), {}, [OUT_OF_SERVICE] * 4, []),
    "not authorized": (lambda _: respond(401), {}, [NO_CREDENTIALS] * 4, []),
}


@pytest.mark.parametrize(("judge", "held", "expected", "questions"), VERDICTS.values(), ids=VERDICTS)
async def test_verdicts(
    serve: Start, judge: Judge, held: Mapping[str, bytes], expected: list[Outcome], questions: list[str]
) -> None:
    """One request has as many outcomes as instances, in their order; the store is asked only about the doubtful."""
    archive = Archive(judge, held)
    async with destination(await serve(archive)) as dicomweb:
        assert expected == await dicomweb.deliver_many([message(uid) for uid in UIDS])
    assert [UIDS] == archive.requests
    assert questions == archive.questions


HALVES = [UIDS, [A, B], [A], [B], [C, D]]

SPLITS: dict[str, tuple[Judge, list[Outcome], list[list[str]]]] = {
    "too large together": (refusing(413, most=2), ALL_STORED, [UIDS, [A, B], [C, D]]),
    "too large together, and one alone": (
        refusing(413, C, most=2),
        [Stored(), Stored(), Refused("the message is larger than the store takes", code="A900"), Stored()],
        [UIDS, [A, B], [C, D], [C], [D]],
    ),
    "400 for one": (refusing(400, B), [Stored(), BAD_REQUEST, Stored(), Stored()], HALVES),
    "422 for one": (refusing(422, B), [Stored(), BAD_REQUEST, Stored(), Stored()], HALVES),
    "415 for one": (
        refusing(415, B),
        [Stored(), Refused("the store does not take this kind of content", code="C122"), Stored(), Stored()],
        HALVES,
    ),
    "a bare 409 for one": (refusing(409, B), [Stored(), SILENT, Stored(), Stored()], HALVES),
    "a nameless failure of one": (
        naming_none_of(B),
        [Stored(), NOT_UNDERSTOOD, Stored(), Stored()],
        [UIDS, [B]],
    ),
    "nameless failures of two": (
        naming_none_of(B, C),
        [Stored(), NOT_UNDERSTOOD, NOT_UNDERSTOOD, Stored()],
        [UIDS, [B], [C]],
    ),
    "nameless failures of all": (
        naming_none_of(*UIDS),
        [NOT_UNDERSTOOD] * 4,
        [UIDS, [A, B], [A], [B], [C, D], [C], [D]],
    ),
}


@pytest.mark.parametrize(("judge", "expected", "requests"), SPLITS.values(), ids=SPLITS)
async def test_split(serve: Start, judge: Judge, expected: list[Outcome], requests: list[list[str]]) -> None:
    """A refusal that names no instance counts for an instance only if it was alone in its request."""
    archive = Archive(judge)
    async with destination(await serve(archive)) as dicomweb:
        assert expected == await dicomweb.deliver_many([message(uid) for uid in UIDS])
    assert requests == archive.requests


async def test_store_that_fails_meanwhile(serve: Start) -> None:
    """A store that goes out of service during a split is not asked about every single instance."""
    turns = count()
    archive = Archive(lambda _: respond(413 if next(turns) == 0 else 503))
    async with destination(await serve(archive)) as dicomweb:
        outcomes = await dicomweb.deliver_many([message(uid) for uid in UIDS])
    assert [OUT_OF_SERVICE] * 4 == outcomes
    assert [UIDS, [A, B], [C, D]] == archive.requests


async def test_store_that_is_down(closed_port: str) -> None:
    """A failure of the network is the outcome of all."""
    async with destination(closed_port) as dicomweb:
        assert [Unavailable("connection refused")] * 2 == await dicomweb.deliver_many([message(A), message(B)])


async def test_store_that_hangs_up(serve: Start) -> None:
    """When the reply is lost, each instance may have been stored."""

    async def hang_up(request: web.Request) -> web.StreamResponse:
        await request.read()
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with destination(await serve(hang_up)) as dicomweb:
        outcomes = await dicomweb.deliver_many([message(A), message(B)])
    assert [True, True] == [isinstance(each, Unavailable) and each.maybe_stored for each in outcomes]


@pytest.mark.parametrize("uids", [[], [A]], ids=["none", "one"])
async def test_hardly_a_batch(serve: Start, uids: list[str]) -> None:
    """No instance needs no request, one needs one."""
    archive = Archive(refusing(400))
    async with destination(await serve(archive)) as dicomweb:
        assert [Stored()] * len(uids) == await dicomweb.deliver_many([message(uid) for uid in uids])
    assert [[uid] for uid in uids] == archive.requests


async def test_one_uid_twice(serve: Start) -> None:
    """Instances of one UID do not share a request, and each has its own verdict."""
    archive = Archive(lambda uids: respond(409, failed={A: 0xC000}) if uids == ["again"] else respond(200, [A, B]))
    messages = [message(A), message(A, WholeBody(b"again")), message(B), message(A, WholeBody(b"once more"))]
    async with destination(await serve(archive)) as dicomweb:
        outcomes = await dicomweb.deliver_many(messages)
    assert [Stored(), NOT_UNDERSTOOD, Stored(), Stored()] == outcomes
    assert [[A, B], ["again"], ["once more"]] == archive.requests


async def test_one_uid_twice_while_the_store_is_out_of_service(serve: Start) -> None:
    """An instance does not overtake an earlier one with its UID, which would then replace it or conflict with it."""
    archive = Archive(lambda uids: respond(202, [B], failed={A: 0xA700}))
    messages = [message(A), message(A, WholeBody(b"again")), message(B)]
    async with destination(await serve(archive)) as dicomweb:
        first, second, third = await dicomweb.deliver_many(messages)
    assert NO_ROOM == first
    assert Unavailable("an earlier instance with this SOP Instance UID has to be delivered first") == second
    assert Stored() == third
    assert [[A, B]] == archive.requests


async def test_overwrite(serve: Start) -> None:
    """The other instance is deleted, and this one is sent again, alone."""
    archive = Archive(lambda uids: respond(*((202, [A], {B: 0x0111}) if A in uids else (200, uids))), {B: ANOTHER})
    async with destination(await serve(archive), on_conflict="overwrite") as dicomweb:
        assert [Stored()] * 2 == await dicomweb.deliver_many([message(A), message(B)])
    assert [[A, B], [B]] == archive.requests
    assert {} == archive.held


class Damaged:
    """A body that fails, or ends too early, after its first octets."""

    length = 100_000
    replayable = True

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield a part of the body."""
        yield bytes(50_000)
        if self._error is not None:
            raise self._error


ERRORS = {"damaged": GatewayError("damaged"), "unreadable": OSError(5, "I/O error"), "truncated": None}


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
async def test_body_that_fails(serve: Start, error: Exception | None) -> None:
    """A body that cannot be read to its end harms no other, and no part of it counts as an instance."""
    archive = Archive(lambda uids: respond(200, uids))
    messages = [message(A), message(B, Damaged(error)), message(C), message(D)]
    async with destination(await serve(archive)) as dicomweb:
        outcomes = await dicomweb.deliver_many(messages)
    assert [Stored(), BROKE_OFF, Stored(), Stored()] == outcomes
    assert [[A], [C, D]] == archive.requests


class DamagedSince:
    """A body that can be read once and fails the second time."""

    length = len(B)
    replayable = True

    def __init__(self) -> None:
        self._times = count()

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the body, or raise."""
        if next(self._times):
            raise GatewayError("damaged")
        yield B.encode()


async def test_body_that_fails_when_it_is_compared(serve: Start) -> None:
    """A body that cannot be compared with what the store holds leaves its own outcome open, and no other."""
    archive = Archive(lambda _: respond(202, [A, C], failed={B: 0x0111}), OURS)
    async with destination(await serve(archive)) as dicomweb:
        outcomes = await dicomweb.deliver_many([message(A), message(B, DamagedSince()), message(C)])
    assert [Stored(), BROKE_OFF, Stored()] == outcomes


def file_message(part10: bytes) -> Message:
    """Return a message with a Part 10 file."""
    return message(sop_instance_uid(part10), WholeBody(part10))


async def test_sandbox(tmp_path: Path) -> None:
    """In a strict store each sound instance is stored, whatever else is in the request, and again when sent again."""
    series = [path.read_bytes() for path in make_series(tmp_path, 12)]
    changed = series[3].replace(b"TEST^NOBODY", b"TEST^OTHERS")
    truncated = shipped("CT_small.dcm").read_bytes()[:-1000]
    noise = message("1.2.3", WholeBody(b"no DICOM at all"))
    async with Sandbox(tmp_path / "data") as sandbox, destination(sandbox.dicom_web_url()) as dicomweb:
        assert Stored() == await dicomweb.deliver(file_message(changed))
        batch = [*map(file_message, series), file_message(truncated), noise]
        expected = [*[Stored()] * 3, DIFFERS, *[Stored()] * 8, NOT_UNDERSTOOD, NOT_UNDERSTOOD]
        for _ in range(2):
            assert expected == await dicomweb.deliver_many(batch)
        for part10, kept in [(series[0], series[0]), (series[11], series[11]), (series[3], changed)]:
            addresses = await dicomweb._holdings.find(sop_instance_uid(part10))
            assert isinstance(addresses, list)
            (address,) = addresses
            reply = await dicomweb._client.request("GET", address, {"Accept": "application/dicom; transfer-syntax=*"})
            assert not isinstance(reply, Unavailable)
            assert data_set(kept) in reply.body


async def test_sandbox_that_takes_no_batch_as_large(tmp_path: Path) -> None:
    """Everything is stored in two requests when the store refuses one as too large."""
    series = [path.read_bytes() for path in make_series(tmp_path, 6)]
    async with Sandbox(tmp_path / "data") as sandbox, destination(sandbox.dicom_web_url()) as dicomweb:
        sandbox.faults.fail_next(413)
        assert [Stored()] * 6 == await dicomweb.deliver_many([file_message(part10) for part10 in series])


async def test_late_index_of_a_whole_batch(serve: Start) -> None:
    """`found_within` is one time for all instances that the answer does not name, not one for each."""
    archive = Archive(all_but(200, *UIDS), {D: D.encode()})
    async with destination(await serve(archive), found_within=0.05) as dicomweb:
        outcomes = await dicomweb.deliver_many([message(uid) for uid in UIDS])
    assert [LOST, LOST, LOST, Stored()] == outcomes
    assert archive.questions.count(A) > 1
    assert [B, C, D] == [uid for uid in archive.questions if uid != A]
