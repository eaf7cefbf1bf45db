"""Searches over HTTP, and ``$everything``: both answer with a Bundle of pages."""

from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
from aiohttp import web

from gateway.sandbox.fhir.everything import everything
from gateway.sandbox.fhir.http import FhirStores, answering, is_strict, reply
from gateway.sandbox.fhir.outcome import FhirError
from gateway.sandbox.fhir.search.query import Query, read_query
from gateway.sandbox.fhir.search.run import Found, search
from gateway.sandbox.fhir.search.subsets import subset
from gateway.sandbox.fhir.session import Held, Session
from gateway.sandbox.fhir.shape import check_type
from gateway.sandbox.names import FHIR_STORE_PATH, fhir_url

_TYPE = "{type:[A-Z][A-Za-z]*}"
LARGEST_FORM = 1 << 20


class FhirSearchApi:
    """The handlers of searches by GET and POST."""

    def __init__(self, stores: FhirStores) -> None:
        self._stores = stores

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        base = f"{FHIR_STORE_PATH}/fhir"
        return [
            web.get(f"{base}/{_TYPE}/{{id}}/$everything", self.everything),
            web.post(f"{base}/_search", self.search),
            web.post(f"{base}/{_TYPE}/_search", self.search),
            web.get(f"{base}/{_TYPE}", self.search),
            web.get(base, self.search),
            web.get(f"{base}/", self.search),
        ]

    @answering
    async def search(self, request: web.Request) -> web.Response:
        """Return a page of the resources that match."""
        if request.method == "POST" and request.content_type == "application/x-www-form-urlencoded":
            # Google's API does not read parameters from a form.
            raise FhirError(400, "not-supported", "unsupported_media_type", "parameters belong in the address")
        kind = request.match_info.get("type")
        if kind is not None:
            check_type(kind)
        pairs = parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True)
        strict = (is_strict(request, default=False), is_strict(request, default=True))
        base_url = fhir_url(request)
        return reply(
            await self._stores.run(request, partial(_search, kind=kind, pairs=pairs, strict=strict, base_url=base_url))
        )

    @answering
    async def everything(self, request: web.Request) -> web.Response:
        """Return a page of the record of a patient."""
        if request.match_info["type"] != "Patient":
            raise FhirError(501, "not-supported", "unsupported_operation", "$everything is for Patient only")
        identifier, asked = request.match_info["id"], dict(request.query)
        page, token = await self._stores.run(request, lambda session: everything(session, identifier, asked))
        base_url = fhir_url(request)
        url = f"{base_url}/Patient/{identifier}/$everything"
        links = _links(url, [pair for pair in asked.items() if pair[0] not in {"_page_token", "alt"}], token)
        entries = [_entry(each, base_url, "match") for each in page]
        return reply({"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries})


def _search(
    session: Session, kind: str | None, pairs: list[tuple[str, str]], strict: tuple[bool, bool], base_url: str
) -> dict[str, Any]:
    query = read_query(kind, pairs, strict=strict[1] if session.flags.strict_search else strict[0])
    found = search(session, query)
    entries = [_entry(each, base_url, "match", query) for each in found.matches]
    entries += [_entry(each, base_url, "include", query) for each in found.included]
    bundle: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": found.total,
        "link": _links(f"{base_url}/{kind}" if kind else f"{base_url}/", _used(query, found), found.next_token),
    }
    return {**bundle, "entry": entries} if entries else bundle


def _used(query: Query, found: Found) -> list[tuple[str, str]]:
    """Return the parameters that took part in the search: R4 wants them in the link to itself."""
    return [pair for pair in query.sent if pair[0] not in found.ignored]


def _links(url: str, pairs: list[tuple[str, str]], token: str) -> list[dict[str, str]]:
    links = [{"relation": "self", "url": f"{url}?{urlencode(pairs)}" if pairs else url}]
    if token:
        links.append({"relation": "next", "url": f"{url}?{urlencode([*pairs, ('_page_token', token)])}"})
    return links


def _entry(held: Held, base_url: str, mode: str, query: Query | None = None) -> dict[str, Any]:
    resource: Any = msgspec.Raw(held.body)
    if query is not None and (query.elements or query.summary in {"text", "data"}):
        resource = subset(held.resource(), query.elements, query.summary)
    return {"fullUrl": f"{base_url}/{held.type}/{held.id}", "resource": resource, "search": {"mode": mode}}
