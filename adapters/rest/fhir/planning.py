"""What has to be written so that the store says what a message says, when it is known what the store has.

A thing that the store does not have is created on the condition that it is still missing; one that it has is written
with the version that was read (``ifMatch``). If either does not hold any more, somebody else was faster: then the store
is read again. What would change nothing is not written.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from dataclasses import replace as changed
from functools import reduce
from uuid import NAMESPACE_URL, uuid5

from adapters.rest.fhir.bodies import Json, is_same, is_version, linked, references
from adapters.rest.fhir.choosing import Found, choose
from adapters.rest.fhir.entries import Entry, Token, tokens_of
from adapters.rest.fhir.linkage import without_self
from adapters.rest.fhir.merging import Names, created, is_late, merged, replaced
from adapters.rest.fhir.patching import in_bundle, patch
from adapters.rest.fhir.stamps import Stamps
from adapters.rest.fhir.subjects import Anothers, Links, find_anothers
from adapters.rest.fhir.taking import losers, without_taken
from adapters.rest.verdict.diagnoses import refused_message
from gateway.contract.outcome import Refused

NO_LINKS: Links = {}
ERROR = "entered-in-error"
CREATED, MISSED = "created", "missed"
NEW = frozenset({CREATED, MISSED})
"""Results of a conditional create."""
NO_VERSION = Refused(
    "the store gives no version of a resource (meta.versionId, ETag), so that changes by others would be lost; "
    "switch versions on",
    code="207",
    diagnosis=refused_message(code="207"),
)


@dataclass(frozen=True, slots=True)
class Write:
    """One entry of what is sent."""

    url: str
    """Its ``fullUrl``, if other new things may refer to it by that."""
    entry: Json
    result: str
    """``created``, ``updated``, ``patched``, or ``missed``: what the message deletes was not there."""
    positions: tuple[int, ...] = ()
    """The entries of the message that it is for."""


@dataclass(slots=True)
class Plan:
    """What is sent, and what is not."""

    writes: list[Write] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    """How many resources are ``unchanged``, ``outdated`` (the store has something newer) or ``left_out``."""
    has_taken: bool = False
    """Whether records lose identifiers: a search shows two of those that have one, and there may be more."""
    refused: Refused | None = None
    """Why nothing can be written."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How resources are written."""

    is_whole: Callable[[str], bool]
    """Whether a message replaces a resource of this type as a whole."""
    client_ids: bool = True
    """Whether the store takes resources with an ID of ours."""


def make_plan(
    entries: Sequence[Entry], found: Found, rules: Rules, written: Set[int] = frozenset(), links: Links = NO_LINKS
) -> Plan | Anothers | Refused:
    """Return what has to be written.

    *written* are the positions of entries that are done with, *links* are known links between records of patients.
    """
    olds = choose(entries, found)
    if isinstance(olds, Refused):
        return olds
    same = _same(entries, olds)
    names = {each.url: full_url(each.url) for each in entries if each.url}
    names |= {each.url: _name(olds[each.position]) for each in entries if each.position in olds and each.url}
    names |= {stub.url: full_url(main.url) for stub, main in same if stub.position not in olds}
    names |= {each.url: each.request["url"] for each in entries if each.token is None and each.position in written}
    left = [each for each in entries if each.position not in written]
    if (anothers := find_anothers(left, olds, names, links)) is not None:
        return anothers
    planner = _Planner(rules, Names(names), same)
    plan = planner.plan(left, olds)
    for loser, takers in losers(entries, found, olds):
        planner.take(loser, takers)
    return plan.refused or plan


def full_url(key: str) -> str:
    """Return the ``fullUrl`` of a new thing: not its key, which is the value of an identifier, too.

    Some servers write the new ID wherever the text of a ``fullUrl`` occurs, and the thing could not be found again.
    """
    return uuid5(NAMESPACE_URL, key).urn if key else ""


def is_deletion(resource: Json) -> bool:
    """Whether a message says nothing of a thing but that it is wrong: an action D, or the deletion of a visit."""
    verification = resource.get("verificationStatus")
    codings = verification.get("coding") if isinstance(verification, dict) else None
    listed = [each.get("code") for each in (codings if isinstance(codings, list) else ()) if isinstance(each, dict)]
    return ERROR in [*listed, resource.get("status")]


def _same(entries: Sequence[Entry], olds: dict[int, Json]) -> list[tuple[Entry, Entry]]:
    """Return each entry that only names a thing with the other entry that is about the same thing.

    A thing that the store does not have, and that another entry lists among its identifiers, is that one: a merge of
    two numbers of one record, or a visit that gets another number. What is known of one is put into *olds* for both.
    """
    mains = [each for each in entries if not each.is_stub]
    listing = _by_token((each, tokens_of(each.resource)) for each in mains)
    own = _by_token((each, {each.token}) for each in mains if each.token is not None)
    found = []
    for stub in (each for each in entries if each.is_stub):
        others: dict[int, Entry] = {}
        if stub.position not in olds and stub.token is not None:
            others |= {each.position: each for each in listing.get((stub.kind, stub.token), ())}
        for token in tokens_of(stub.resource):
            others |= {each.position: each for each in own.get((stub.kind, token), ()) if each.position not in olds}
        for main in others.values():
            found.append((stub, main))
            old = olds.get(main.position) or olds.get(stub.position)
            if old is not None:
                olds[main.position] = olds[stub.position] = old
    return found


def _by_token(listed: Iterable[tuple[Entry, Set[Token]]]) -> dict[tuple[str, Token], list[Entry]]:
    """Return the entries by their type and each of the identifiers beside them."""
    found: dict[tuple[str, Token], list[Entry]] = {}
    for entry, tokens in listed:
        for token in tokens:
            found.setdefault((entry.kind, token), []).append(entry)
    return found


def _name(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


class _Planner:
    def __init__(self, rules: Rules, names: Names, same: Sequence[tuple[Entry, Entry]]) -> None:
        self._rules = rules
        self._names = names
        self._stubs: dict[int, list[Entry]] = {}
        for stub, main in same:
            self._stubs.setdefault(main.position, []).append(stub)
        self._made = Plan()

    def plan(self, entries: Sequence[Entry], olds: Mapping[int, Json]) -> Plan:
        about: dict[str, list[Entry]] = {}
        resources: dict[str, Json] = {}
        merged_away = {each.position for stubs in self._stubs.values() for each in stubs}
        for each in entries:
            entry = changed(each, resource=linked(each.resource, self._names))
            if each.position in olds:
                name = _name(olds[each.position])
                about.setdefault(name, []).append(entry)
                resources[name] = olds[each.position]
            elif each.token is None:
                self._pass(entry)
            elif each.position not in merged_away:
                self._create(entry)
        for name, group in about.items():
            self._change(name, resources[name], group)
        return self._made

    def take(self, old: Json, takers: Iterable[Entry]) -> None:
        """Write a record without the identifiers that *takers* take."""
        new = reduce(without_taken, takers, old)
        if new is not old:
            self._made.has_taken = True
            self._update(_name(old), old, new, ())

    def _pass(self, entry: Entry) -> None:
        if entry.request["method"] == "PUT" and not self._rules.client_ids:
            self._made.left["left_out"] += 1
            return
        url = full_url(entry.url)
        sent = {"fullUrl": url, "resource": entry.resource, "request": entry.request}
        self._made.writes.append(Write(url, sent, "updated", (entry.position,)))

    def _create(self, entry: Entry) -> None:
        request = entry.request
        condition = request.get("ifNoneExist") or request["url"].partition("?")[2]
        url = full_url(entry.url)
        entry = without_self(entry, url)
        resource = created(entry, self._names, whole=self._rules.is_whole(entry.kind))
        stubs = self._stubs.get(entry.position, [])
        for each in stubs:
            resource = merged(resource, _with_identifiers(each), self._names)
        posted = {"method": "POST", "url": entry.kind, "ifNoneExist": condition}
        sent = {"fullUrl": url, "resource": resource, "request": posted}
        positions = (entry.position, *(each.position for each in stubs))
        result = MISSED if is_deletion(entry.resource) and not entry.is_stub else CREATED
        self._made.writes.append(Write(url, sent, result, positions))

    def _change(self, name: str, old: Json, group: Sequence[Entry]) -> None:
        """Write what the entries say that are about the same resource; a record is not merged into itself."""
        about = [each for each in group if not each.is_stub] or list(group)
        if len(about) < len(group):
            about += [_with_identifiers(each) for each in group if each.is_stub]
        new, is_outdated = old, False
        for entry in (without_self(each, name) for each in about):
            if entry.is_stub or not self._rules.is_whole(entry.kind):
                is_outdated = is_outdated or is_late(new, entry)
                new = merged(new, entry, self._names)
            elif (made := replaced(new, entry, self._names)) is not None:
                new = made
            else:
                is_outdated = True
        if is_same(new, old):
            self._made.left["outdated" if is_outdated else "unchanged"] += 1
        else:
            self._update(name, old, new, group)

    def _update(self, name: str, old: Json, new: Json, group: Sequence[Entry]) -> None:
        positions = tuple(each.position for each in group)
        version = old.get("meta", {}).get("versionId")
        if not is_version(version):
            self._made.refused = NO_VERSION
            return
        match = {"ifMatch": f'W/"{version}"'}
        if group and all(each.is_stub for each in group) and not Stamps.of(new).is_stub:
            operations = patch(old, new)
            if not any(each.startswith("urn:") for each in references(operations)):  # a store cannot see into a patch
                request = {"method": "PATCH", "url": name, **match}
                sent = {"resource": in_bundle(operations), "request": request}
                self._made.writes.append(Write("", sent, "patched", positions))
                return
        meta = {each: value for each, value in new["meta"].items() if each not in {"versionId", "lastUpdated"}}
        sent = {"resource": {**new, "meta": meta}, "request": {"method": "PUT", "url": name, **match}}
        url = {"fullUrl": full_url(group[0].url)} if group else {}
        self._made.writes.append(Write("", {**url, **sent}, "updated", positions))


def _with_identifiers(stub: Entry) -> Entry:
    """Return an entry that adds the identifiers of *stub* and says nothing else: a merge of a record with itself."""
    listed = stub.resource.get("identifier")
    resource = {"resourceType": stub.kind, **({"identifier": listed} if listed else {})}
    return changed(stub, resource=resource, owns=(), clears=(), drops=(), adds=("identifier",))
