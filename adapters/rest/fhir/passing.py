"""Bundles and resources that are passed on as they are, of any version of FHIR.

A bundle within the limits of the store is sent octet for octet. A larger one is sent in parts (``splitting``); what the
earlier parts have created is referred to by its ID in the later ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import msgspec

from adapters.rest.fhir.bodies import UNREADABLE as NOT_JSON
from adapters.rest.fhir.bodies import Json, decode, encode, linked, references
from adapters.rest.fhir.replies import UNREADABLE, Conflict, Done, failed_entries, failure, read_bundle
from adapters.rest.fhir.splitting import parts
from adapters.rest.http.reply import Reply
from adapters.rest.verdict.answers import Answers
from adapters.rest.verdict.diagnoses import refused_message
from gateway.contract.fhir import TARGET, Interaction
from gateway.contract.outcome import Outcome, Refused, Response, Stored, Unavailable
from gateway.contract.outlook import Outlook

NOT_FHIR = Refused("the message is not one FHIR resource in JSON", code="207", diagnosis=refused_message(code="207"))
RELAYED = ("ETag", "Location", "Content-Location", "Last-Modified", "Content-Type", "Retry-After")
ALWAYS_SAFE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
"""Methods that may be repeated (RFC 9110 9.2.2); a POST with ``ifNoneExist`` may, too."""


class _Request(msgspec.Struct):
    method: Any = None
    url: Any = None
    ifNoneExist: Any = None  # noqa: N815 - FHIR's name


class _Entry(msgspec.Struct):
    request: _Request | None = None


class _Body(msgspec.Struct):
    resourceType: str  # noqa: N815 - FHIR's name
    type: Any = None
    id: Any = None
    entry: list[_Entry] = []
    identifier: Any = None


_read = msgspec.json.Decoder(_Body).decode


@dataclass(slots=True)
class Sent:
    """What is sent for one message: one interaction, or a bundle in one or several parts."""

    kinds: list[list[str]]
    """The types of resource of the entries of each part."""
    bodies: list[bytes]
    """The parts; empty if they are made one after the other."""
    is_repeatable: bool = False
    interaction: Interaction | None = None
    """The request for a single resource; None for a bundle."""
    bundle: Json = field(default_factory=dict)
    groups: list[list[int]] = field(default_factory=list)
    """The positions of the entries of each part."""
    methods: list[object] = field(default_factory=list)
    """The methods of the entries, in the order of the bundle."""
    links: dict[str, str] = field(default_factory=dict)
    """What the parts so far have written: ``Type/id`` by ``fullUrl``."""

    def body(self, number: int) -> bytes:
        """Return a part; references to what earlier parts have written have its ID."""
        if self.bodies:
            return self.bodies[number]
        entries = [linked(self.bundle["entry"][each], self.links) for each in self.groups[number]]
        return encode({**self.bundle, "entry": entries})

    def methods_of(self, number: int) -> list[object]:
        """Return the methods of the entries of a part."""
        return [self.methods[each] for each in self.groups[number]] if self.groups else self.methods

    def learn(self, number: int, done: Sequence[Done]) -> None:
        """Note where the store has put the entries of a part."""
        if not self.groups:  # there is no other part
            return
        for position, each in zip(self.groups[number], done, strict=True):
            url = self.bundle["entry"][position].get("fullUrl")
            if isinstance(url, str) and each.location:
                self.links[url] = each.location

    def judged(self, outcome: Outcome, number: int, done: Sequence[Done]) -> Outcome:
        """Return *outcome* of a part; entries that are stored must not be stored twice."""
        some = number > 0 or any(each.status < 300 for each in done)
        if isinstance(outcome, Unavailable) and some and not self.is_repeatable:
            return replace(outcome, maybe_stored=True, outlook=Outlook.DOUBTFUL)
        return outcome


def read_body(data: bytes, most: int, octets: int) -> Sent | Refused:
    """Return how *data* is sent to a store that takes *most* entries and *octets* at once."""
    try:
        found = _read(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return NOT_FHIR
    if found.resourceType != "Bundle" or found.type not in {"transaction", "batch"}:
        return _single(data, found)
    requests = [each.request or _Request() for each in found.entry]
    kinds, methods = [_kind(each.url) for each in requests], [each.method for each in requests]
    is_repeatable = all(each.method in ALWAYS_SAFE or (each.method == "POST" and each.ifNoneExist) for each in requests)
    if len(kinds) <= most and len(data) <= octets:
        return Sent([kinds], [data], is_repeatable, methods=methods)
    split = _split(data, kinds, is_repeatable, most, octets)
    return split if isinstance(split, Refused) else replace(split, methods=methods)


def _single(data: bytes, found: _Body) -> Sent | Refused:
    """Return the request for one resource (``gateway.contract.fhir``)."""
    kind = found.resourceType
    if isinstance(found.id, str):
        interaction = Interaction("PUT", f"{kind}/{found.id}")
    elif (identifier := _identifier(found.identifier)) is not None:
        interaction = Interaction("PUT", f"{kind}?identifier={quote(identifier, safe='')}")
    else:
        interaction = Interaction("POST", kind)
    if not TARGET.fullmatch(interaction.url):
        return NOT_FHIR
    return Sent([[kind]], [data], interaction.method == "PUT", interaction)


def _identifier(value: object) -> str | None:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            system, text = each.get("system"), each.get("value")
            if isinstance(system, str) and isinstance(text, str) and system and text:
                return "|".join(
                    "".join(f"\\{one}" if one in "\\|,$" else one for one in part) for part in (system, text)
                )
    return None


def _split(data: bytes, kinds: Sequence[str], is_repeatable: bool, most: int, octets: int) -> Sent | Refused:
    try:
        bundle = decode(data)
    except NOT_JSON:
        return NOT_FHIR
    entries = bundle["entry"]
    keys = [str(each.get("fullUrl", "")) for each in entries]
    is_batch = bundle["type"] == "batch"  # its entries do not refer to each other
    needs = [set[str]() if is_batch else references(each) for each in entries]
    groups = parts(keys, needs, [len(encode(each)) for each in entries], most, octets)
    if isinstance(groups, Refused):
        return groups
    return Sent([[kinds[each] for each in group] for group in groups], [], is_repeatable, None, bundle, groups)


def _kind(url: object) -> str:
    return str(url).partition("?")[0].strip("/").partition("/")[0]


def executed(data: bytes, reply: Reply, answers: Answers) -> tuple[list[object], list[Done]]:
    """Return the methods of the entries of a peer's bundle, and what became of them, as far as the store says so."""
    try:
        methods: list[object] = [(each.request or _Request()).method for each in _read(data).entry]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return [], []
    done = read_bundle(reply, [""] * len(methods), answers)
    return methods, done if isinstance(done, list) else []


def relayed(reply: Reply, interaction: Interaction, answers: Answers) -> Outcome:
    """Return the outcome of a peer's request with the store's response, which the peer gets."""
    headers = tuple((name, value) for name in RELAYED if (value := reply.headers.get(name)) is not None)
    response = Response(reply.status, headers, reply.body)
    return replace(_relayed(reply, interaction, answers), response=response)


def _relayed(reply: Reply, interaction: Interaction, answers: Answers) -> Outcome:
    kind = _kind(interaction.url)
    if not 200 <= reply.status < 300:
        return _final(failure(reply, frozenset({kind} - {""}), answers))
    if interaction.url:
        return Stored()
    return _of_bundle(reply, answers)


def _of_bundle(reply: Reply, answers: Answers) -> Outcome:
    try:
        listed = decode(reply.body).get("entry", [])
        kinds = [""] * len(listed)
    except (*NOT_JSON, AttributeError, TypeError):
        return UNREADABLE
    done = read_bundle(reply, kinds, answers)
    failed = failed_entries(done, kinds, answers) if isinstance(done, list) else done
    return Stored() if failed is None else _final(failed)


def _final(failed: Refused | Unavailable | Conflict) -> Refused | Unavailable:
    """Return the outcome after which nothing is sent again on a conflict: the condition was the peer's own."""
    if not isinstance(failed, Conflict):
        return failed
    return Refused(failed.reason, code="207", diagnosis=refused_message(code=f"HTTP {failed.status}"))
