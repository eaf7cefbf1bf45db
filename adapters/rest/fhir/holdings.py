"""What a FHIR store has of the things that a message is about: one search per type of resource."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from urllib.parse import quote

from adapters.rest.fhir.bodies import UNREADABLE, Json, decode
from adapters.rest.fhir.entries import Token, identifiers_of
from adapters.rest.fhir.replies import Conflict, failure, settled
from adapters.rest.http.client import Client
from adapters.rest.http.off_loop import off_loop
from adapters.rest.http.reply import Reply
from adapters.rest.verdict.answers import Answers
from gateway.contract.outcome import Refused, Unavailable
from gateway.contract.outlook import Outlook

HEADERS = {
    "Accept": "application/fhir+json",
    # HAPI answers a search that it has answered before from its cache, for a minute.
    "Cache-Control": "no-cache",
}
NOT_READ = Unavailable("the store's answer to a search cannot be read", outlook=Outlook.DOUBTFUL)
SEVERAL = 2
"""How many resources of one identifier are asked for: two are too many."""
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
        return found

    async def _search(self, kind: str, tokens: Sequence[Token]) -> Held | Refused | Unavailable:
        values = ",".join(map(_searched, tokens))
        url = f"{self._root}/{kind}?identifier={quote(values, safe='')}&_count={SEVERAL * len(tokens)}"
        reply = await self._client.request("GET", url, HEADERS)
        if isinstance(reply, Unavailable):
            return self._answers.after(reply)
        if reply.status != 200:
            failed = failure(reply, frozenset({kind}), self._answers)
            return settled(failed, self._answers) if isinstance(failed, Conflict) else failed
        read: Callable[[], tuple[list[Json], bool] | None] = partial(read_page, reply, kind)
        page = await off_loop(reply, read)
        if page is None:
            return NOT_READ
        resources, has_more = page
        if has_more and len(tokens) > 1:  # the store gives fewer at a time than it was asked for
            middle = len(tokens) // 2
            return await self.find_all(kind, tokens[:middle], tokens[middle:])
        return {(kind, each): found for each in tokens if (found := _having(resources, each))}

    async def find_all(self, kind: str, *groups: Sequence[Token]) -> Held | Refused | Unavailable:
        """Return what several searches find together."""
        found: Held = {}
        for tokens in groups:
            each = await self._search(kind, tokens)
            if not isinstance(each, dict):
                return each
            found |= each
        return found


def read_page(reply: Reply, kind: str) -> tuple[list[Json], bool] | None:
    """Return the resources of that type on a page of a search, and whether there are more; None if it is no page."""
    try:
        page = decode(reply.body)
    except UNREADABLE:
        return None
    if not isinstance(page, dict) or page.get("resourceType") != "Bundle":
        return None
    links = page.get("link")
    relations = [each.get("relation") for each in _objects(links)]
    resources = [each["resource"] for each in _objects(page.get("entry")) if isinstance(each.get("resource"), dict)]
    return [each for each in resources if _is_usable(each, kind)], "next" in relations


def _is_usable(resource: Json, kind: str) -> bool:
    is_typed = resource.get("resourceType") == kind and isinstance(resource.get("id"), str)
    return is_typed and isinstance(resource.get("meta", {}), dict)


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


def _objects(value: object) -> Iterator[Json]:
    """Yield the objects in a list."""
    yield from (each for each in (value if isinstance(value, list) else ()) if isinstance(each, dict))
