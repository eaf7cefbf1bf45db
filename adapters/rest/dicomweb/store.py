"""A destination that stores DICOM instances with STOW-RS, one or several in a request.

**Sending the same instance again is a success.** Stores differ in what they do with an instance that they already hold.
Orthanc answers 200 and keeps its own copy (or takes the new one, with its option OverwriteInstances), without telling
which; Google answers 409; Azure 409 with reason 45070. After a conflict the instance is looked up (QIDO-RS), fetched
back as stored (WADO-RS) and compared (``conflict`` has the steps): the same instance is `Stored`, another one `Refused`
with 0111. A body that is still arriving cannot be read a second time, so the fingerprint of its data set is computed
while it is sent (``fingerprint`` has the cost); the fingerprint of a replayable body only after a conflict. A success
that does not name the instance is checked in the same way: the store may have held another one before.

**on_conflict: overwrite.** The instance in the store is deleted only when the whole new one is in the spool, so that it
can be sent as often as necessary. A relayed instance replaces nothing and is refused: if the old one were deleted, and
then the peer or its connection failed, both would be lost.

**Several in a request.** Each instance has its own outcome. If the store answers only about the request as a whole, or
if a body fails on the way, one instance would decide about all: then the undecided instances are sent again in two
halves, and so on down to single ones. One bad instance among n takes about 2 log2(n) more requests; if the store goes
away meanwhile, at most log2(n) requests fail before Hilum gives up.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

import structlog

from adapters.rest.connecting.dialer import SYSTEM, Trust
from adapters.rest.destination import RestDestination
from adapters.rest.dicomweb.conflict import COMPARED_NEXT, DIFFERS, Conflict, find_conflict, is_untold
from adapters.rest.dicomweb.holdings import NEVER_GIVEN_BACK, Holdings
from adapters.rest.dicomweb.multipart import Related
from adapters.rest.dicomweb.settings import DicomwebSettings
from adapters.rest.dicomweb.stow_batch import batch_outcome
from adapters.rest.dicomweb.stow_response import (
    DUPLICATE,
    IS_DUPLICATE,
    UNCLEAR,
    Doubt,
    Failed,
    find_verdict,
    read_report,
    stow_outcome,
)
from adapters.rest.http.exchange import BROKE_OFF, Streamed
from adapters.rest.http.off_loop import off_loop
from adapters.rest.http.reply import Reply
from adapters.rest.http.sent import Sent
from adapters.rest.verdict.answers import Answers
from adapters.rest.verdict.diagnoses import with_class
from adapters.rest.verdict.outcomes import TOO_EARLY
from gateway.contract.body import Buffer
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook

log = structlog.get_logger()

STILL_HELD = Unavailable(
    "the store said that it deleted the other instance, and still has a conflict with it",
    outlook=Outlook.DOUBTFUL,
    diagnosis=UNCLEAR,
)
NOT_SPOOLED = Refused(
    "the store holds another one; overwrite needs acknowledge: commit", code=DUPLICATE, diagnosis=IS_DUPLICATE
)
"""The reason has 64 characters, so that it fits into an Error Comment."""
MAX_COMPARISONS = 1024
CONTENT_AHEAD = 1000


class Dicomweb(RestDestination):
    """Stores instances with STOW-RS under one DICOMweb root."""

    def __init__(self, name: str, settings: DicomwebSettings, trust: Trust = SYSTEM) -> None:
        super().__init__(name, settings, trust)
        self._root = settings.url.rstrip("/")
        self._overwrite = settings.on_conflict == "overwrite"
        self._accept_empty = settings.accept_empty
        self._answers = Answers(settings.answers)
        self._found_within = settings.found_within
        self._holdings = Holdings(self._client, self._root)
        self._compared_next: dict[str, None] = {}
        """SOP Instance UIDs: of the next instance with one of them, the content is read while it is sent."""
        self._content_ahead = 0
        """Number of next instances whose content is read, because a study is mostly sent again as a whole."""

    async def deliver(self, message: Message) -> Outcome:
        """Store the instance and return the outcome."""
        sop_instance_uid = message.identifiers["sop_instance_uid"]
        return _with_class(await self._store(message, sop_instance_uid, overwrite=self._overwrite), message)

    async def deliver_many(self, messages: Sequence[Message]) -> list[Outcome]:
        """Store the instances in one request and return the outcome of each, in their order.

        The bodies must be replayable; one that raises OSError or GatewayError is `Unavailable` and harms no other. If
        several have the same SOP Instance UID, the reply could not tell them apart: the first one shares the request,
        the others follow one by one, each only when the outcome of the one before it is certain.
        """
        firsts: dict[str, Message] = {}
        for message in messages:
            firsts.setdefault(message.identifiers["sop_instance_uid"], message)
        latest = await self._store_many(firsts)
        outcomes: list[Outcome] = []
        for message in messages:
            sop_instance_uid = message.identifiers["sop_instance_uid"]
            if message is not firsts[sop_instance_uid]:
                latest[sop_instance_uid] = await self._deliver_after(latest[sop_instance_uid], message)
            outcomes.append(latest[sop_instance_uid])
        return outcomes

    async def _deliver_after(self, earlier: Outcome, message: Message) -> Outcome:
        if isinstance(earlier, Unavailable):
            reason = "an earlier instance with this SOP Instance UID has to be delivered first"
            waits = Outlook.BUSY
            return Unavailable(reason, retry_after=earlier.retry_after, outlook=waits, diagnosis=earlier.diagnosis)
        return await self.deliver(message)

    async def _store_many(self, messages: Mapping[str, Message]) -> dict[str, Outcome]:
        """Return the outcomes of *messages*; both are keyed by SOP Instance UID."""
        if len(messages) < 2:
            return {uid: await self.deliver(message) for uid, message in messages.items()}
        bodies = [message.body for message in messages.values()]
        reply = await self._post([body.chunks() for body in bodies], [body.length for body in bodies])
        if isinstance(reply, Reply):
            return await self._take_apart(reply, messages)
        return await self._store_halves(messages) if reply.reason == BROKE_OFF else dict.fromkeys(messages, reply)

    async def _take_apart(self, reply: Reply, messages: Mapping[str, Message]) -> dict[str, Outcome]:
        report = await off_loop(reply, lambda: read_report(reply, messages))
        outcomes: dict[str, Outcome] = {}
        until = self._until()
        undecided: dict[str, Message] = {}
        for uid, message in messages.items():
            early = reply.is_early and not isinstance(report.named.get(uid), Failed)
            match TOO_EARLY if early else batch_outcome(reply, report, uid, self._answers):
                case None:
                    undecided[uid] = message
                case Doubt() as doubt:
                    outcomes[uid] = await self._resolve(
                        doubt, message, Sent(message.body), until, overwrite=self._overwrite
                    )
                case outcome:
                    outcomes[uid] = _with_class(outcome, message)
        return outcomes | await self._store_halves(undecided)

    async def _store_halves(self, messages: Mapping[str, Message]) -> dict[str, Outcome]:
        if messages:
            log.info("batch_split", destination=self.name, instances=len(messages))
        each, middle = list(messages.items()), len(messages) // 2
        first = await self._store_many(dict(each[:middle]))
        return first | await self._store_many(dict(each[middle:]))

    async def _store(
        self, message: Message, sop_instance_uid: str, *, overwrite: bool, emptied: bool = False
    ) -> Outcome:
        """Send one instance; *emptied* says that a query has just found no instance with its UID in the store."""
        sent = Sent(message.body, with_content=self._wants_content(message))
        reply = await self._post([sent.chunks()], [message.body.length])
        if isinstance(reply, Unavailable):
            return reply
        self._compared_next.pop(sop_instance_uid, None)
        report = await off_loop(reply, lambda: read_report(reply, {sop_instance_uid}))
        verdict = find_verdict(report, sop_instance_uid)
        if reply.is_early and not isinstance(verdict, Failed):
            return TOO_EARLY
        outcome = stow_outcome(reply, report, verdict, self._answers)
        if isinstance(outcome, Doubt):
            return await self._resolve(outcome, message, sent, self._until(), overwrite=overwrite, emptied=emptied)
        return outcome

    def _until(self) -> float:
        """Return the time until which an instance that an answer does not name is looked for; one for a whole batch."""
        return asyncio.get_running_loop().time() + self._found_within

    def _wants_content(self, message: Message) -> bool:
        if message.body.replayable:
            return False
        ahead, self._content_ahead = self._content_ahead, max(0, self._content_ahead - 1)
        return ahead > 0 or message.identifiers["sop_instance_uid"] in self._compared_next

    async def _resolve(
        self, doubt: Doubt, message: Message, sent: Sent, until: float, *, overwrite: bool, emptied: bool = False
    ) -> Outcome:
        """Return the outcome, which depends on what the store holds."""
        sop_instance_uid = message.identifiers["sop_instance_uid"]
        silence_counts = doubt.bare and self._accept_empty
        # Wait for the index only if the outcome without the instance in the store is `Unavailable`.
        addresses = await self._holdings.find(sop_instance_uid, until if isinstance(doubt.absent, Unavailable) else 0)
        if addresses is None or isinstance(addresses, Unavailable):
            if silence_counts:
                return Stored()
            return _unknown(doubt.unknown, addresses)
        if not addresses:
            return doubt.absent
        if emptied and doubt.bare:
            return Stored()  # the instance has arrived since; the store may have changed its encoding
        conflict = await self._conflict(addresses, sent)
        if conflict is None or (silence_counts and is_untold(conflict)):
            return Stored()
        if conflict is NEVER_GIVEN_BACK and isinstance(doubt.unknown, Unavailable):
            conflict = doubt.unknown
        if conflict is COMPARED_NEXT:
            self._content_ahead = CONTENT_AHEAD
            self._compare_next(sop_instance_uid)
        may_replace = overwrite and isinstance(conflict, Refused) and len(addresses) == 1
        return await self._replace(message, sop_instance_uid, addresses[0]) if may_replace else conflict

    def _compare_next(self, sop_instance_uid: str) -> None:
        if len(self._compared_next) >= MAX_COMPARISONS:
            del self._compared_next[next(iter(self._compared_next))]
        self._compared_next[sop_instance_uid] = None

    async def _conflict(self, addresses: list[str], sent: Sent) -> Conflict | None:
        """Return None if one of *addresses* holds the instance that was *sent*."""
        conflict: Conflict = DIFFERS
        for address in addresses:
            found = await find_conflict(self._holdings, address, sent)
            if found is None:
                return None
            conflict = conflict if isinstance(conflict, Unavailable) else found
        return conflict

    async def _post(self, parts: Sequence[AsyncIterator[Buffer]], lengths: Sequence[int | None]) -> Reply | Unavailable:
        related = Related(boundary=secrets.token_hex(16), media_type="application/dicom")
        headers = {"Content-Type": related.content_type, "Accept": "application/dicom+json"}
        streamed = Streamed(related.chunks(parts), related.length(lengths))
        reply = await self._client.request("POST", f"{self._root}/studies", headers, streamed, early=True)
        return self._answers.after(reply) if isinstance(reply, Unavailable) else reply

    async def _replace(self, message: Message, sop_instance_uid: str, address: str) -> Outcome:
        if not message.body.replayable:
            return NOT_SPOOLED
        if (failure := await self._delete(address, sop_instance_uid)) is not None:
            return failure
        emptied = await self._holdings.find(sop_instance_uid) == []
        outcome = await self._store(message, sop_instance_uid, overwrite=False, emptied=emptied)
        return STILL_HELD if isinstance(outcome, Refused) and outcome.code == DUPLICATE else outcome

    async def _delete(self, address: str, sop_instance_uid: str) -> Refused | Unavailable | None:
        failure = await self._holdings.delete(address)
        if failure is None:
            log.info("instance_deleted", destination=self.name, sop_instance_uid=sop_instance_uid)
        return failure


def _with_class(outcome: Outcome, message: Message) -> Outcome:
    """Return *outcome* with the SOP class in its diagnosis, if the store refuses all instances of it."""
    if isinstance(outcome, Stored) or outcome.diagnosis is None:
        return outcome
    return replace(outcome, diagnosis=with_class(outcome.diagnosis, message.facts))


def _unknown(unknown: Outcome, failure: Unavailable | None) -> Outcome:
    """Return the outcome if the store offers no query for what it holds (*failure* is None), or if the query failed."""
    if failure is None:
        return unknown
    if not isinstance(unknown, Unavailable):  # there is a conflict, and it is unknown with what
        return replace(failure, maybe_stored=True)
    return replace(unknown, outlook=Outlook.BUSY) if failure.outlook is Outlook.BUSY else unknown
