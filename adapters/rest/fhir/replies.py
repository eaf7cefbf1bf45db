"""What a FHIR store's reply means for a message.

A transaction is stored if the reply says of each entry that it is: some stores answer 200 and tell in an entry that it
has failed. 409 and 412 say that somebody else wrote at the same time, and so does a resource that was there and is gone
(404, 410): the store is read again. 400 and 422 are final, unless the issue's type says that time mends it.
"""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from adapters.rest.fhir.bodies import is_version
from adapters.rest.fhir.issues import NOTHING, Told, read_outcome, told
from adapters.rest.http.reply import Reply
from adapters.rest.verdict.answers import Answers
from adapters.rest.verdict.diagnoses import CAUSES, diagnose_reply, refused_message
from adapters.rest.verdict.outcomes import HL7_ERROR, REFUSED, reason_of, reason_of_refusal, unavailable
from adapters.rest.verdict.store_reason import is_page, said, words_of
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.fhir import RESOURCE_TYPES
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook

ROWS: Mapping[str, Outlook] = {"HTTP 409": Outlook.TEMPORARY, "HTTP 412": Outlook.TEMPORARY}
"""Where a FHIR store differs from the table of replies."""
BUSY = "the resources of the message were written by others at the same time (HTTP {status})"
GONE = "a resource that the message is about is gone, or may not be created with its ID (HTTP {status})"
CONFLICTS = {409: BUSY, 412: BUSY, 404: GONE, 410: GONE}
UNREADABLE = Unavailable(
    "the store's success does not say what became of each entry",
    maybe_stored=True,
    outlook=Outlook.DOUBTFUL,
    diagnosis=Diagnosis(Cause.OTHER_CONTENT),
)
STATUS = re.compile(r"\s*([1-5]\d\d)\b")
LOCATION = re.compile(r"(?:^|/)([A-Z][A-Za-z]{0,63}/[A-Za-z0-9.-]{1,64})(?:/_history/([^/]*))?$")
TAG = re.compile(r'(?:W/)?"([^"]*)"', re.ASCII)


@dataclass(frozen=True, slots=True)
class Conflict:
    """The store has changed since it was read: read it again."""

    reason: str
    status: int
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one entry."""

    status: int
    location: str = ""
    """``Type/id``."""
    told: Told = NOTHING
    version: str = ""
    """The version of the resource, if the store says so."""


class _Response(msgspec.Struct):
    status: Any = None
    location: Any = None
    etag: Any = None
    outcome: Any = None


class _Entry(msgspec.Struct):
    response: _Response | None = None


class _Bundle(msgspec.Struct):
    resourceType: Any = None  # noqa: N815 - FHIR's name
    entry: list[_Entry] = []


_decode = msgspec.json.Decoder(_Bundle).decode


def read_bundle(reply: Reply, kinds: Sequence[str], answers: Answers) -> list[Done] | Refused | Unavailable | Conflict:
    """Return what became of each entry; *kinds* are the types of resource that were sent, in their order."""
    if reply.status != 200:
        return failure(reply, frozenset(kinds), answers)
    try:
        entries = _decode(reply.body).entry
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return replace(UNREADABLE, diagnosis=diagnose_reply(reply))
    done = [_done(each.response, frozenset(kinds)) for each in entries]
    read = [each for each in done if each is not None]
    return read if len(read) == len(kinds) == len(entries) else UNREADABLE


def _done(response: _Response | None, kinds: Set[str]) -> Done | None:
    found = STATUS.match(response.status) if response is not None and isinstance(response.status, str) else None
    if response is None or found is None:
        return None
    place, version = place_of(response.location)
    return Done(int(found[1]), place, told(response.outcome, kinds), version or tagged(response.etag))


def place_of(location: object) -> tuple[str, str]:
    """Return ``Type/id`` and the version in a location; each is empty if it is not there."""
    found = LOCATION.search(location) if isinstance(location, str) else None
    if found is None:
        return "", ""
    return found[1], found[2] if is_version(found[2]) else ""


def tagged(tag: object) -> str:
    """Return the version in an entity tag (``ETag``); nothing if there is none."""
    found = TAG.fullmatch(tag) if isinstance(tag, str) else None
    return found[1] if found and is_version(found[1]) else ""


def failed_entries(
    done: Sequence[Done], kinds: Sequence[str], answers: Answers
) -> Refused | Unavailable | Conflict | None:
    """Return what the entries mean that have failed, the worst of them; None if all are stored."""
    found: list[Refused | Unavailable | Conflict] = []
    for position, (each, kind) in enumerate(zip(done, kinds, strict=True)):
        if each.status >= 300:
            named = f" ({kind})" if kind in RESOURCE_TYPES else ""  # anything else is a word of the sender
            found.append(_judged(each.status, each.told, f"entry {position}{named}", answers))
    for wanted in (Refused, Conflict, Unavailable):
        if (first := next((each for each in found if isinstance(each, wanted)), None)) is not None:
            return first
    return None


def failure(reply: Reply, kinds: Set[str], answers: Answers) -> Refused | Unavailable | Conflict:
    """Return what a reply means that is no success."""
    found = read_outcome(reply.body, kinds)
    if reply.status in CONFLICTS and (found.is_outcome or reply.status in {409, 412}):
        reason = said(found.words or words_of(reply), CONFLICTS[reply.status].format(status=reply.status))
        return Conflict(reason, reply.status, reply.retry_after)
    if reply.status in REFUSED and not found.is_transient:
        outlook = answers.to_page(reply.status) if is_page(reply) else answers.to_status(reply.status)
        reason = reason_of_refusal(reply, found.words or None)
        return Refused(reason, code=HL7_ERROR, outlook=outlook, diagnosis=diagnose_reply(reply))
    return _until_mended(unavailable(reply, found.words or None, answers), found)


def _judged(status: int, found: Told, place: str, answers: Answers) -> Refused | Unavailable | Conflict:
    words = f"{found.words} of {place}" if found.words else f"HTTP {status} of {place}"
    if status in CONFLICTS:
        return Conflict(said(words, CONFLICTS[status].format(status=status)), status)
    if status in REFUSED and not found.is_transient:
        reason, outlook = said(words, REFUSED[status][0]), answers.to_status(status)
        return Refused(reason, code=HL7_ERROR, outlook=outlook, diagnosis=refused_message(code=f"HTTP {status}"))
    diagnosis = Diagnosis(CAUSES.get(status, Cause.STORE_FAILED), {"status": str(status)})
    outcome = Unavailable(said(words, reason_of(status)), outlook=answers.to_status(status), diagnosis=diagnosis)
    return _until_mended(outcome, found)


def _until_mended(outcome: Unavailable, found: Told) -> Unavailable:
    """Return *outcome* as one that time mends, if the store has said so with a status that means something else."""
    is_final = found.is_transient and outcome.outlook is Outlook.FINAL
    return replace(outcome, outlook=Outlook.TEMPORARY) if is_final else outcome


def settled(conflict: Conflict, answers: Answers) -> Unavailable:
    """Return the outcome of a message whose conflict does not end."""
    outlook, diagnosis = answers.to_status(conflict.status), refused_message(code=f"HTTP {conflict.status}")
    return Unavailable(conflict.reason, conflict.retry_after, outlook=outlook, diagnosis=diagnosis)


def single(reply: Reply, kind: str, answers: Answers) -> Outcome:
    """Return what the reply to one interaction means."""
    if 200 <= reply.status < 300:
        return Stored()
    found = failure(reply, frozenset({kind}), answers)
    return settled(found, answers) if isinstance(found, Conflict) else found
