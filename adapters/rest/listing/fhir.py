"""The resources of a FHIR store: a search for each type that its CapabilityStatement names, page by page.

A link to the next page is followed only within the store: a store cannot send Hilum, with its credentials, elsewhere.
The resources are not decoded: numbers keep their digits.
"""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import IO, TypeVar
from urllib.parse import urljoin, urlsplit

import msgspec

from adapters.rest.http.client import Client
from adapters.rest.listing.asking import NOT_SAID, ask
from gateway.contract.fhir import REFERRED_TO, RESOURCE_TYPES
from gateway.contract.store_listing import Item, ListingError

COUNT = 200
JSON = "application/fhir+json"
NOT_LISTED = frozenset({"Binary", "Bundle", "OperationOutcome", "Parameters"})
"""Types that no search finds, or that are no record of their own."""


class Named(msgspec.Struct):
    """A type in a CapabilityStatement."""

    type: str = ""


class Rest(msgspec.Struct):
    """A part of a CapabilityStatement."""

    resource: list[Named] = msgspec.field(default_factory=list)


class Statement(msgspec.Struct):
    """A CapabilityStatement."""

    rest: list[Rest] = msgspec.field(default_factory=list)


class Link(msgspec.Struct):
    """A link of a page."""

    relation: str = ""
    url: str = ""


class Entry(msgspec.Struct):
    """An entry of a page."""

    resource: msgspec.Raw = msgspec.Raw(b"null")


class Page(msgspec.Struct):
    """A Bundle of search results."""

    resourceType: str  # noqa: N815  FHIR's name
    entry: list[Entry] = msgspec.field(default_factory=list)
    link: list[Link] = msgspec.field(default_factory=list)


class Meta(msgspec.Struct):
    """The version of a resource."""

    versionId: str = ""  # noqa: N815  FHIR's name


class Resource(msgspec.Struct):
    """What is looked at of a resource."""

    resourceType: str = ""  # noqa: N815  FHIR's name
    id: str = ""
    meta: Meta = msgspec.field(default_factory=Meta)


Form = TypeVar("Form")


class FhirListing:
    """The store behind *client*, whose base is *root*."""

    def __init__(self, client: Client, root: str) -> None:
        self._client, self._root = client, root.rstrip("/")

    async def items(self) -> AsyncIterator[Item]:
        """Yield each resource, type by type."""
        statement = _decoded(await ask(self._client, f"{self._root}/metadata", JSON), Statement)
        named = {each.type for rest in statement.rest for each in rest.resource} & RESOURCE_TYPES - NOT_LISTED
        if not named:
            raise ListingError(NOT_SAID.format("its CapabilityStatement names no type that can be searched"))
        for kind in sorted(
            named, key=lambda each: (REFERRED_TO.index(each) if each in REFERRED_TO else len(REFERRED_TO), each)
        ):
            async for octets, resource in self._of_type(kind):
                yield Item(f"{kind}/{resource.id}/_history/{resource.meta.versionId}", partial(_write, octets))

    async def _of_type(self, kind: str) -> AsyncIterator[tuple[bytes, Resource]]:
        url: str | None = f"{self._root}/{kind}?_count={COUNT}"
        asked = set[str]()
        while url is not None and url not in asked:
            asked.add(url)
            page = await asyncio.to_thread(_decoded, await ask(self._client, url, JSON), Page)
            if page.resourceType != "Bundle":
                raise ListingError(NOT_SAID.format("its answer to a search is no Bundle"))
            for entry in page.entry:
                resource = _decoded(bytes(entry.resource), Resource)
                if resource.resourceType == kind:  # not an OperationOutcome about the search
                    yield bytes(entry.resource), resource
            url = self._next(page)

    def _next(self, page: Page) -> str | None:
        found = [each.url for each in page.link if each.relation == "next"]
        if not found:
            return None
        url = urljoin(f"{self._root}/", found[0])
        if not url.startswith((f"{self._root}/", f"{self._root}?")) or ".." in urlsplit(url).path.split("/"):
            raise ListingError(NOT_SAID.format("its link to the next page leads out of the store"))
        return url


def _decoded(octets: bytes, form: type[Form]) -> Form:
    try:
        return msgspec.json.decode(octets, type=form)
    except (msgspec.MsgspecError, RecursionError):
        raise ListingError(NOT_SAID.format("its answer is not FHIR in JSON")) from None


async def _write(octets: bytes, file: IO[bytes]) -> None:
    file.write(octets)
