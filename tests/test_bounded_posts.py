"""For any reply of a store, commit mode's number of posts is bounded, or the outcome is one that time mends.

A store that gives the same answers for ever is asked as often as commit mode does it, by the same functions: each kind
of destination makes its outcome of a reply, which is counted and settled as the dispatcher does.
"""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.hl7.control_id import asked
from adapters.rest.dicomweb.settings import DicomwebSettings
from adapters.rest.dicomweb.store import Dicomweb
from adapters.rest.http.exchange import Streamed
from adapters.rest.http.http1 import Sink
from adapters.rest.http.reply import Reply
from adapters.rest.http_post import post_outcome
from adapters.rest.ingest import ingest_outcome
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from gateway.flow.settlement import RetryPolicy, settle
from gateway.flow.trials import Failure, Trials
from gateway.spool.interface import RetryLater
from tests.adapters.rest.acknowledgements import ACKNOWLEDGEMENTS, ASKED
from tests.adapters.rest.shapes import JSON, OWN, PAGE, SHAPES

PATIENCE = RetryPolicy()
MOST = 50
"""Deliveries that are tried before one counts as endless."""


def deliveries(outcome: Outcome, *, others: bool = False) -> int:
    """Return how often commit mode delivers a message that always ends with *outcome*; *others* are taken meanwhile."""
    trials, before = Trials(), None
    for attempts in range(MOST):
        if isinstance(outcome, Stored):
            return attempts + 1
        tries = trials.failed("m", Failure(outcome.reason, outcome.outlook, attempts, before))
        settlement = settle(outcome, attempts + 1, 0.0, PATIENCE, 0.5, tries)
        if not isinstance(settlement, RetryLater):
            return attempts + 1
        before = settlement.reason
        trials.stored(["another"] if others else [])
    return MOST


FINAL = {400, 409, 413, 415, 422}
"""Statuses that are about the message."""
BUSY_ONLY = {425, 429, 503}
STATUSES = st.one_of(
    st.sampled_from([200, 201, 202, 204, 400, 409, 413, 422, 401, 403, 404, 408, 425, 429, 500, 502, 503, 504]),
    st.integers(200, 599),
)

HL7_ERRORS = st.sampled_from(["", "ERR|||101|E", "ERR|||206|E", "ERR|||207|W", "ERR|^^^207", "ERR|||X1|E"])
ER7 = st.builds(
    lambda code, named, error: f"MSH|^~\\&|S|A|P|B|||ACK|1|P|2.5\rMSA|{code}|{named}\r{error}\r".encode(),
    st.sampled_from(["AA", "AE", "AR", "CA", "CE", "CR", "aa", "XX", ""]),
    st.sampled_from(["42", "41", ""]),
    HL7_ERRORS,
)
BODIES = st.one_of(st.binary(max_size=40), st.sampled_from([each.body for each in ACKNOWLEDGEMENTS.values()]), ER7)
INGESTED = st.one_of(
    BODIES,
    BODIES.map(lambda body: json.dumps({"hl7Ack": b64encode(body).decode()}).encode()),
    BODIES.map(lambda body: json.dumps({"error": {"details": [{"hl7Nack": b64encode(body).decode()}]}}).encode()),
)
QUESTION = asked(ASKED, "whole")
HL7: Mapping[str, tuple[st.SearchStrategy[bytes], Callable[[Reply], Outcome]]] = {
    "http": (BODIES, lambda reply: post_outcome(reply, QUESTION)),
    "http with accept_empty": (BODIES, lambda reply: post_outcome(reply, QUESTION, accept_empty=True)),
    "hl7v2_store": (INGESTED, lambda reply: ingest_outcome(reply, QUESTION)),
}


def is_mended_by_time(outcome: Outcome, status: int) -> bool:
    """Whether *outcome* is one that a store's own words, or its *status*, call temporary."""
    if isinstance(outcome, Refused):
        return outcome.reply is not None and (b"206" in outcome.reply or b"207" in outcome.reply)
    return isinstance(outcome, Unavailable) and status >= 300 and status not in FINAL


@pytest.mark.parametrize("kind", HL7)
@given(data=st.data(), status=STATUSES)
def test_hl7(kind: str, data: st.DataObject, status: int) -> None:
    """A message is posted five times at most, or time mends it; where others are taken, twenty times at most."""
    bodies, outcome_of = HL7[kind]
    outcome = outcome_of(Reply(status, {}, data.draw(bodies)))
    assert deliveries(outcome) <= PATIENCE.max_unreadable or is_mended_by_time(outcome, status)
    assert deliveries(outcome, others=True) <= 20 or status in BUSY_ONLY


@dataclass
class SameStore:
    """Answers each method with the same reply for ever; counts the instances posted."""

    replies: Mapping[str, Reply | Unavailable]
    posts: int = field(default=0)

    async def request(
        self,
        method: str,
        url: str,
        headers: object,
        body: object = None,
        *,
        sink: Sink | None = None,
        early: bool = False,
    ) -> Reply | Unavailable:
        """Take the place of a client."""
        if isinstance(body, Streamed):
            self.posts += 1
            async for _ in body.chunks:
                pass
        name = "WADO" if sink is not None else "QIDO" if "?" in url else method
        reply = self.replies[name]
        if sink is not None and isinstance(reply, Reply) and reply.status == 200:
            sink(reply.body)
        return reply


def of(*statuses: int, bodies: st.SearchStrategy[bytes]) -> st.SearchStrategy[Reply]:
    """Return replies with one of these statuses, the first one most often."""
    return st.builds(
        Reply, st.one_of(st.just(statuses[0]), st.sampled_from(statuses)), st.just({"Content-Type": JSON}), bodies
    )


def report(reason: int, uid: str) -> bytes:
    """Return a response that lists an instance as failed."""
    item = {"00081155": {"vr": "UI", "Value": [uid]}, "00081197": {"vr": "US", "Value": [reason]}}
    return json.dumps({"00081198": {"vr": "SQ", "Value": [item]}}).encode()


def held(uid: str) -> bytes:
    """Return what QIDO-RS answers of an instance."""
    tags = {"00080018": uid, "0020000D": "1.2", "0020000E": "1.3"}
    return json.dumps([{tag: {"vr": "UI", "Value": [value]} for tag, value in tags.items()}]).encode()


PASSING = {0x0213, 0xB00F, *range(0xA700, 0xA800)}
REASONS = st.one_of(st.sampled_from([0x0110, 0x0111, 0xB00E, 0xA900, 0xC000, 0]), st.integers(0, 0xFFFF))
REPORTS = st.builds(report, REASONS.filter(lambda reason: reason not in PASSING), st.sampled_from([OWN, "1.9"]))
ANY = st.one_of(st.binary(max_size=40), st.sampled_from([shape[2] for shape in SHAPES.values()]))
FOUND = st.one_of(st.just(held(OWN)), st.sampled_from([held("1.9"), b"[]", b"[{}]"]), ANY)
DELETED = st.one_of(st.just(b'{"RemainingAncestor": null}'), st.just(b""), ANY)
FILE = b"\0" * 128 + b"DICM"
FILES = st.one_of(st.sampled_from([FILE + b"another", FILE, b""]), ANY)
STORES = st.fixed_dictionaries({
    "POST": of(409, 200, 202, 204, 400, 413, 415, 422, bodies=st.one_of(ANY, REPORTS)),
    "QIDO": of(200, 204, 400, 404, 405, 406, 409, 410, 415, 422, 501, bodies=FOUND),
    "WADO": of(200, 204, 206, 400, 404, 405, 406, 409, 410, 413, 415, 422, 501, bodies=FILES),
    "DELETE": of(200, 202, 204, 400, 404, 405, 409, 410, 501, bodies=DELETED),
})  # fmt: skip
"""Stores none of whose replies is one that time mends."""


async def deliver(destination: Dicomweb, message: Message, *, many: bool) -> Outcome:
    """Deliver a message alone, or in one request with another."""
    if not many:
        return await destination.deliver(message)
    other = Message("m2", WholeBody(b"other"), {}, {"sop_instance_uid": "1.2.4"})
    return (await destination.deliver_many([message, other]))[0]


def conflicting(wado: bytes, deleted: bytes) -> dict[str, Reply]:
    """Return a store that has a conflict with the instance."""
    fields = {"Content-Type": JSON}
    bodies = {"POST": (409, b""), "QIDO": (200, held(OWN)), "WADO": (200, wado), "DELETE": (200, deleted)}
    return {name: Reply(status, fields, body) for name, (status, body) in bodies.items()}


@pytest.mark.slow
@given(replies=STORES, overwrite=st.booleans(), accept_empty=st.booleans(), many=st.booleans())
@example(replies=conflicting(PAGE, b""), overwrite=False, accept_empty=False, many=False)
@example(replies=conflicting(FILE + b"another", PAGE), overwrite=True, accept_empty=False, many=False)
@example(replies=conflicting(FILE + b"another", b""), overwrite=True, accept_empty=False, many=True)
def test_dicom(replies: Mapping[str, Reply], overwrite: bool, accept_empty: bool, many: bool) -> None:
    """Whatever a store answers to the four kinds of request, an instance is delivered five times at most."""
    settings = DicomwebSettings(
        kind="dicomweb",
        url="http://127.0.0.1:1",
        on_conflict="overwrite" if overwrite else "refuse",
        accept_empty=accept_empty,
    )
    destination, store = Dicomweb("store", settings), SameStore(replies)
    destination._client = store  # type: ignore[assignment]
    destination._holdings._client = store  # type: ignore[assignment]
    message = Message("m1", WholeBody(FILE), {}, {"sop_instance_uid": OWN})
    outcome = asyncio.run(deliver(destination, message, many=many))
    assert deliveries(outcome) <= PATIENCE.max_unreadable
    assert store.posts <= (4 if many else 2)  # in one request, in halves, and after a deletion


@pytest.mark.parametrize("outlook", Outlook)
def test_bounds(outlook: Outlook) -> None:
    """Each word has the bound that its table names; only what is busy has none."""
    bounds = {
        Outlook.FINAL: (1, 1),
        Outlook.DOUBTFUL: (5, 5),
        Outlook.TEMPORARY: (MOST, 20),
        Outlook.BUSY: (MOST, MOST),
    }
    outcome = Unavailable("down", outlook=outlook)
    assert bounds[outlook] == (deliveries(outcome), deliveries(outcome, others=True))
