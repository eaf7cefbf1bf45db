"""What a FHIR store has of the things that a message is about: one search per type of resource."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from functools import partial
from urllib.parse import quote

from adapters.rest.fhir.bodies import UNREADABLE, Json, decode, has_extensions, is_id, is_version
from adapters.rest.fhir.entries import Token, identifiers_of
from adapters.rest.fhir.replies import Conflict, failure, settled, tagged
from adapters.rest.fhir.subjects import Links, joined, linked_with, links_of
from adapters.rest.http.client import Client
from adapters.rest.http.off_loop import off_loop
from adapters.rest.http.reply import Reply
from adapters.rest.verdict.answers import Answers
from adapters.rest.verdict.diagnoses import diagnose_reply, refused_message
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.outcome import Refused, Unavailable
from gateway.contract.outlook import Outlook

HEADERS = {
    "Accept": "application/fhir+json",
    # HAPI answers a search that it has answered before from its cache, for a minute.
    "Cache-Control": "no-cache",
}
NOT_READ = Unavailable(
    "the store's answer to a search cannot be read",
    outlook=Outlook.DOUBTFUL,
    diagnosis=Diagnosis(Cause.OTHER_CONTENT),
)
SIMILAR = Refused(
    "the store finds an identifier of the message that differs in case or blanks from the one it has; make them equal, "
    "or set the store to compare identifiers exactly",
    code="204",
    diagnosis=refused_message(code="204"),
)
SEVERAL = 2
"""How many resources of one identifier are asked for: two are too many."""
MOST_LINKED = 20
"""How many records are read to know whether two of them are one person's."""
Held = dict[tuple[str, Token], list[Json]]


class Holdings:
    """Searches one store."""

    def __init__(self, client: Client, root: str, most: int, answers: Answers) -> None:
        self._client, self._root, self._most, self._answers = client, root, most, answers

    async def find(self, wanted: Mapping[str, Sequence[Token]]) -> Held | Refused | Unavailable:
        """Return the resources with the *wanted* identifiers, by type and identifier."""
        searches = [
            self._search(kind, tokens[start : start + self._most])
            for kind, tokens in wanted.items()
            for start in range(0, len(tokens), self._most)
        ]
        found: Held = {}
        for each in await asyncio.gather(*searches):
            if not isinstance(each, dict):
                return each
            found |= each
        return await self._with_versions(found)

    async def _with_versions(self, found: Held) -> Held | Refused | Unavailable:
        """Read what a search gives without its version: a change between reading and writing would be lost."""
        without = {f"{each['resourceType']}/{each['id']}": each for held in found.values() for each in held}
        read: dict[str, Json] = {}
        for name in (name for name, each in without.items() if "versionId" not in each.get("meta", {})):
            resource = await self.read(name)
            if not isinstance(resource, dict):
                return resource
            read[name] = resource
        if not read:
            return found
        return {
            wanted: [now for each in held if (now := read.get(f"{each['resourceType']}/{each['id']}", each))]
            for wanted, held in found.items()
        }

    async def _search(self, kind: str, tokens: Sequence[Token]) -> Held | Refused | Unavailable:
        values = ",".join(map(_searched, tokens))
        url = f"{self._root}/{kind}?identifier={quote(values, safe='')}&_count={SEVERAL * len(tokens)}"
        reply = await self._client.request("GET", url, HEADERS)
        if isinstance(reply, Unavailable):
            return self._answers.after(reply)
        if reply.status != 200:
            return self._failed(reply, kind)
        read: Callable[[], tuple[list[Json], bool] | None] = partial(read_page, reply, kind)
        page = await off_loop(reply, read)
        if page is None:
            return replace(NOT_READ, diagnosis=diagnose_reply(reply))
        resources, has_more = page
        if has_more and len(tokens) > 1:  # the store gives fewer at a time than it was asked for
            middle = len(tokens) // 2
            return await self.find_all(kind, tokens[:middle], tokens[middle:])
        held = {(kind, each): found for each in tokens if (found := _having(resources, each))}
        return held if all((kind, each) in held or not _nearly(resources, each) for each in tokens) else SIMILAR

    async def find_all(self, kind: str, *groups: Sequence[Token]) -> Held | Refused | Unavailable:
        """Return what several searches find together."""
        found: Held = {}
        for tokens in groups:
            each = await self._search(kind, tokens)
            if not isinstance(each, dict):
                return each
            found |= each
        return found

    async def links(self, records: Set[str]) -> Links | Refused | Unavailable:
        """Return the links of patients' records and of those that they are linked with: ``Patient/id``."""
        found: Links = {}
        known, left = set(records), sorted(records)
        while left and len(known) < MOST_LINKED:
            resource = await self.read(left.pop())
            if not isinstance(resource, dict):
                return resource
            found = joined(found, links_of([resource]))
            new = {each for each in linked_with(records, [found]) if each.startswith("Patient/")} - known
            known |= new
            left += sorted(new)
        return found

    async def read(self, name: str) -> Json | Refused | Unavailable:
        """Return the resource ``Type/id``; an empty one if it is gone."""
        reply = await self._client.request("GET", f"{self._root}/{name}", HEADERS)
        if isinstance(reply, Unavailable):
            return self._answers.after(reply)
        if reply.status in {404, 410}:
            return {}
        kind = name.partition("/")[0]
        if reply.status != 200:
            return self._failed(reply, kind)
        read: Callable[[], Json | None] = partial(read_resource, reply, kind)
        return await off_loop(reply, read) or NOT_READ

    def _failed(self, reply: Reply, kind: str) -> Refused | Unavailable:
        failed = failure(reply, frozenset({kind}), self._answers)
        return settled(failed, self._answers) if isinstance(failed, Conflict) else failed


def read_resource(reply: Reply, kind: str) -> Json | None:
    """Return the resource of a reply; None if it is not one of that type."""
    try:
        resource = decode(reply.body)
    except UNREADABLE:
        return None
    if not isinstance(resource, dict) or not _is_usable(resource, kind):
        return None
    version = tagged(reply.headers.get("ETag"))
    if version and "versionId" not in resource.get("meta", {}):
        resource["meta"] = {**resource.get("meta", {}), "versionId": version}
    return resource


def read_page(reply: Reply, kind: str) -> tuple[list[Json], bool] | None:
    """Return the resources of that type on a page of a search, and whether there are more.

    None if it is no page, or has a resource of the type that is not as FHIR demands: it must not be taken for missing.
    """
    try:
        page = decode(reply.body)
    except UNREADABLE:
        return None
    if not isinstance(page, dict) or page.get("resourceType") != "Bundle":
        return None
    links = page.get("link")
    relations = [each.get("relation") for each in _objects(links)]
    resources = [each["resource"] for each in _objects(page.get("entry")) if isinstance(each.get("resource"), dict)]
    wanted = [each for each in resources if each.get("resourceType") == kind]
    return (wanted, "next" in relations) if all(_is_usable(each, kind) for each in wanted) else None


def _is_usable(resource: Json, kind: str) -> bool:
    """Whether it can be merged and written: also what FHIR does not allow must not become an address or a condition."""
    meta, links = resource.get("meta", {}), resource.get("link", [])
    return (
        resource.get("resourceType") == kind
        and is_id(resource.get("id"))
        and isinstance(meta, dict)
        and ("versionId" not in meta or is_version(meta["versionId"]))
        and (kind != "Patient" or (isinstance(links, list) and all(isinstance(each, dict) for each in links)))
        and has_extensions(resource)
    )


def _searched(token: Token) -> str:
    """Return an identifier as a search has it (R4 search 3.1.1.3: reserved characters)."""
    system, value = ("".join(f"\\{each}" if each in "\\|,$" else each for each in part) for part in token)
    return f"{system}|{value}" if system else value


def _having(resources: Sequence[Json], token: Token) -> list[Json]:
    system, value = token
    return [
        resource
        for resource in resources
        if any(
            each.get("value") == value and (not system or each.get("system") == system)
            for each in identifiers_of(resource)
        )
    ]


def _nearly(resources: Sequence[Json], token: Token) -> bool:
    """Whether the store takes an identifier for another one that differs in case or blanks."""
    return any(
        _plain(value) == _plain(token[1]) and (not token[0] or _plain(system) == _plain(token[0]))
        for resource in resources
        for each in identifiers_of(resource)
        for system, value in [(str(each.get("system", "")), str(each.get("value", "")))]
    )


def _plain(text: str) -> str:
    return "".join(text.casefold().split())


def _objects(value: object) -> Iterator[Json]:
    """Yield the objects in a list."""
    yield from (each for each in (value if isinstance(value, list) else ()) if isinstance(each, dict))
