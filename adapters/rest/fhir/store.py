"""A destination that writes FHIR: what a step has made of another format, and bundles and resources as they are.

**What a step has made** is merged with what the store has (``planning``, ``merging``): one search per type, one
transaction. If the store has changed meanwhile, or the bundle is sent in parts, it is read again and what is left is
written, a few times. So a message may be sent again at any moment, after a crash or without a reply: what is there
already is not written again.

**Everything else** is passed on as it is. It is sent again only if that does no harm: a bundle of updates and
conditional creates.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import TypeVar

import structlog

from adapters.rest.connecting.dialer import SYSTEM, Trust
from adapters.rest.destination import RestDestination, whole
from adapters.rest.fhir.bodies import UNREADABLE, Json, decode, encode, references
from adapters.rest.fhir.entries import Entry, Token, is_made_by_a_step, read_entries, record_tokens
from adapters.rest.fhir.holdings import Held, Holdings
from adapters.rest.fhir.passing import Sent, executed, read_body, relayed
from adapters.rest.fhir.planning import MISSED, NEW, Plan, Rules, Write, make_plan
from adapters.rest.fhir.profiles import profile_of
from adapters.rest.fhir.progress import Progress
from adapters.rest.fhir.replies import ROWS, Conflict, Done, failed_entries, read_bundle, settled, single
from adapters.rest.fhir.settings import FhirStoreSettings
from adapters.rest.fhir.splitting import parts
from adapters.rest.fhir.subjects import Anothers
from adapters.rest.fhir.versions import done_by, written
from adapters.rest.http.off_loop import SMALL
from adapters.rest.http.reply import Reply
from adapters.rest.ingested import IngestedNames
from adapters.rest.verdict.answers import NEVER_TWICE, Answers
from adapters.rest.verdict.diagnoses import refused_message
from adapters.rest.verdict.outcomes import unless_early
from gateway.contract.body import WholeBody
from gateway.contract.fhir import WORDS, Interaction
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable

JSON = {"Content-Type": "application/fhir+json; charset=utf-8", "Accept": "application/fhir+json"}
MINIMAL = {**JSON, "Prefer": "return=minimal"}
MOST_CONFLICTS = 5
"""How often the store is read again after a conflict, before the message is given back."""
FIRST_PAUSE = 0.05
NOT_A_BUNDLE = Refused(
    "the step made no transaction that can be merged", code="207", diagnosis=refused_message(code="207")
)
FOUND_OTHERWISE = Refused(
    "the store says that it has a resource with an identifier of the message, and a search for it does not find one; "
    "other resources of the message may be stored, linked to that one",
    code="207",
    diagnosis=refused_message(code="207"),
)
Result = TypeVar("Result")

log = structlog.get_logger()


class FhirStore(RestDestination):
    """Writes to the base of one FHIR store."""

    def __init__(
        self,
        name: str,
        settings: FhirStoreSettings,
        trust: Trust = SYSTEM,
        count: Callable[[str], None] = lambda _: None,
        ingested: IngestedNames | None = None,
    ) -> None:
        super().__init__(name, settings, trust)
        self._root = settings.url.rstrip("/")
        self._answers = Answers({**ROWS, **settings.answers})
        self._once = Answers({**ROWS, **NEVER_TWICE, **settings.answers})
        """For what may not be sent twice."""
        profile = profile_of(settings.profile, settings.url)
        self._most, self._octets = settings.max_entries or profile.max_entries, settings.max_bytes or profile.max_bytes
        self._rules = Rules(settings.is_whole, settings.client_ids)
        self._holdings = Holdings(self._client, self._root, profile.most_searched, self._answers)
        self._count = count
        self._ingested = ingested
        """Where a listener of this gateway reads from the store: what is remembered for it."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, error, trace)
        if self._ingested is not None:
            await self._ingested.close()

    async def probe(self) -> str | None:
        """Return why the store cannot be reached at the moment, or None. Never raises."""
        return await self._client.probe(f"{self._root}/metadata")

    async def deliver(self, message: Message) -> Outcome:
        """Write *message* and return the outcome."""
        data = message.body.data if isinstance(message.body, WholeBody) else await whole(message.body)
        if message.interaction is not None:
            return await self._relay(message.interaction, data)
        bundle = await _aside(data, partial(_made_by_a_step, data)) if WORDS.encode() in data else None
        if bundle is None:
            return await self._send(data)
        return await self._merge(bundle, data, Progress(message.message_id))

    async def _merge(self, bundle: Json, data: bytes, progress: Progress) -> Outcome:
        """Write what a step has made."""
        entries = read_entries(bundle)
        if entries is None:
            return NOT_A_BUNDLE
        conflicts = 0
        while True:
            result = await self._write(entries, progress, data)
            if isinstance(result, Conflict):
                conflicts += 1
                if conflicts > MOST_CONFLICTS or result.retry_after:
                    return settled(result, self._answers)
                await asyncio.sleep(FIRST_PAUSE * 2**conflicts * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            elif result is not None:
                return result

    async def _write(self, entries: Sequence[Entry], progress: Progress, data: bytes) -> Outcome | Conflict | None:
        """Read the store and write what is missing, or a part of it; None if there is another part."""
        found = await self._holdings.find(_wanted(entries))
        if not isinstance(found, dict):
            return found
        plan = await self._plan(entries, found, progress.written, data)
        if not isinstance(plan, Plan):
            return progress.doubt(plan) if isinstance(plan, Anothers) else plan
        split = await _aside(data, partial(_parts, plan.writes, self._most, self._octets))
        if isinstance(split, Refused):
            return split
        failed = await self._transact(split[0], progress) if split else None
        if failed is not None:
            return failed
        if len(split) > 1 or plan.has_taken:
            return None
        self._tell(plan.left)
        return Stored()

    async def _plan(
        self, entries: Sequence[Entry], found: Held, written: set[int], data: bytes
    ) -> Plan | Anothers | Refused | Unavailable:
        plan = await _aside(data, partial(make_plan, entries, found, self._rules, written))
        if isinstance(plan, Anothers):
            links = await self._holdings.links(plan.records)
            if not isinstance(links, dict):
                return links
            plan = await _aside(data, partial(make_plan, entries, found, self._rules, written, links))
        return plan

    async def _transact(self, writes: Sequence[Write], progress: Progress) -> Refused | Unavailable | Conflict | None:
        """Send one transaction; None if all of it is stored."""
        body = encode({"resourceType": "Bundle", "type": "transaction", "entry": [each.entry for each in writes]})
        kinds = [_kind(each) for each in writes]
        done = await self._post(body, MINIMAL, kinds, repeatable=True)
        if not isinstance(done, list):
            return done
        self._remember([each.entry["request"]["method"] for each in writes], done)
        failed = failed_entries(done, kinds, self._answers)
        if failed is not None:
            return failed
        conflict = None
        for each, how in zip(writes, done, strict=True):
            if each.result in NEW and how.status != 201:
                if progress.found.intersection(each.positions):
                    return FOUND_OTHERWISE
                progress.found.update(each.positions)
                conflict = Conflict("a resource was created by others at the same time", 412)
            else:
                progress.written.update(each.positions)
                self._count(each.result)
                if each.result == MISSED:
                    self._tell_missed(_kind(each), progress.message_id)
        return conflict

    def _tell_missed(self, kind: str, message_id: str) -> None:
        """Log that what a message deletes was not there: an allergy may be there under another number, and active."""
        log.warning("fhir_deletion_missed", destination=self.name, resource_type=kind, message_id=message_id)

    async def _post(
        self, body: bytes, headers: Mapping[str, str], kinds: Sequence[str], *, repeatable: bool
    ) -> list[Done] | Refused | Unavailable | Conflict:
        reply = await self._client.request("POST", self._root, headers, body, repeatable=repeatable, early=True)
        answers = self._answers if repeatable else self._once
        if isinstance(reply, Unavailable):
            return answers.after(reply)
        done = await _aside(reply.body, partial(read_bundle, reply, kinds, answers))
        return done if reply.whole or not isinstance(done, list) else _too_early(reply)

    async def _send(self, data: bytes) -> Outcome:
        """Send a bundle or a resource as it is."""
        sent = await _aside(data, partial(read_body, data, self._most, self._octets))
        return sent if isinstance(sent, Refused) else await self._send_parts(sent)

    async def _send_parts(self, sent: Sent) -> Outcome:
        """Send the parts one after the other; what they have stored is known to those after them."""
        if sent.interaction is not None:
            return await self._ask(sent.interaction, sent.bodies[0], sent.kinds[0][0], repeatable=sent.is_repeatable)
        for number, kinds in enumerate(sent.kinds):
            done = await self._post(sent.body(number), JSON, kinds, repeatable=sent.is_repeatable)
            failed = failed_entries(done, kinds, self._answers) if isinstance(done, list) else done
            if isinstance(done, list):
                self._remember(sent.methods_of(number), done)
                sent.learn(number, done)
            if failed is not None:
                outcome = settled(failed, self._answers) if isinstance(failed, Conflict) else failed
                return sent.judged(outcome, number, done if isinstance(done, list) else ())
        return Stored()

    async def _ask(self, interaction: Interaction, data: bytes, kind: str, *, repeatable: bool) -> Outcome:
        reply = await self._exchange(interaction, data, repeatable=repeatable)
        answers = self._answers if repeatable else self._once
        if isinstance(reply, Unavailable):
            return answers.after(reply)
        return unless_early(reply, single(reply, kind, answers))

    async def _exchange(self, interaction: Interaction, data: bytes, *, repeatable: bool) -> Reply | Unavailable:
        url = f"{self._root}/{interaction.url}" if interaction.url else self._root
        headers = {**JSON, **dict(interaction.headers)}
        body = data if interaction.method != "DELETE" else None
        reply = await self._client.request(interaction.method, url, headers, body, repeatable=repeatable, early=True)
        if interaction.url and isinstance(reply, Reply):
            self._remember([interaction.method], [done_by(reply, interaction)])
        return reply

    async def _relay(self, interaction: Interaction, data: bytes) -> Outcome:
        """Ask the store what a peer has asked, once, and give its response back."""
        reply = await self._exchange(interaction, data, repeatable=False)
        if isinstance(reply, Unavailable):
            return self._answers.after(reply)
        if not interaction.url and self._ingested is not None:
            self._remember(*await _aside(reply.body, partial(executed, data, reply, self._answers)))
        return await _aside(reply.body, partial(relayed, reply, interaction, self._answers))

    def _remember(self, methods: Sequence[object], done: Sequence[Done]) -> None:
        """Remember the versions that were written, if a listener reads from the store."""
        if self._ingested is not None:
            for each in written(methods, done):
                self._ingested.add(each)

    def _tell(self, results: Counter[str]) -> None:
        for result, number in results.items():
            for _ in range(number):
                self._count(result)


def _made_by_a_step(data: bytes) -> Json | None:
    """Return the transaction, if a step has made it."""
    try:
        found = decode(data)
    except UNREADABLE:
        return None
    return found if is_made_by_a_step(found) else None


def _wanted(entries: Sequence[Entry]) -> Mapping[str, Sequence[Token]]:
    """Return the identifiers to search for, by type of resource."""
    found: dict[str, dict[Token, None]] = {}
    for each in entries:
        if each.token is not None:
            found.setdefault(each.kind, {}).update(dict.fromkeys((each.token, *each.also, *each.rivals)))
            if each.kind == "Patient":  # a message that came first may have named the patient by another number
                found["Patient"] |= dict.fromkeys(sorted(record_tokens(each.resource) | each.taken))
    return {kind: list(tokens) for kind, tokens in found.items()}


def _parts(writes: Sequence[Write], most: int, octets: int) -> list[list[Write]] | Refused:
    sizes = [len(encode(each.entry)) for each in writes]
    if len(writes) <= most and sum(sizes) + len(sizes) < octets:
        return [list(writes)] if writes else []
    split = parts([each.url for each in writes], [references(each.entry) for each in writes], sizes, most, octets)
    return split if isinstance(split, Refused) else [[writes[each] for each in group] for group in split]


def _kind(write: Write) -> str:
    request: Json = write.entry["request"]
    return str(request["url"]).partition("/")[0].partition("?")[0]


def _too_early(reply: Reply) -> Unavailable:
    outcome = unless_early(reply, Stored())
    assert isinstance(outcome, Unavailable)  # noqa: S101  an early success is none
    return outcome


async def _aside(data: bytes, work: Callable[[], Result]) -> Result:
    """Return the result of *work*, which takes long if *data* is long: then other messages do not wait for it."""
    return work() if len(data) <= SMALL else await asyncio.to_thread(work)
