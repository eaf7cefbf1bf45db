"""The parameters of a search request: which resources, in which order, and what comes with them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.sandbox.fhir.definitions.parameters import parameters
from gateway.sandbox.fhir.outcome import bad_query, not_found, not_supported

DEFAULT_COUNT, LARGEST_COUNT = 100, 1000
NOT_SUPPORTED = {"_contained", "_containedType", "_query", "_filter", "_text", "_content", "_list", "_score"}
SUMMARIES = {"text", "data", "false"}
IGNORED = {"alt", "_format", "_pretty", "key", "access_token", "prettyPrint", "$.xgafv", "_total"}
"""Parameters of every request of Google's API, and what changes nothing here."""


@dataclass(slots=True)
class Query:
    """A search that has been read, and not been evaluated."""

    types: list[str]
    filters: list[tuple[str, str]] = field(default_factory=list)
    sort: list[tuple[str, bool]] = field(default_factory=list)
    """Codes, and whether descending."""
    count: int = DEFAULT_COUNT
    page_token: str = ""
    includes: list[tuple[str, str]] = field(default_factory=list)
    """Names (``_include``, ``_revinclude:iterate``) and values."""
    elements: list[str] = field(default_factory=list)
    summary: str = ""
    strict: bool = False
    sent: list[tuple[str, str]] = field(default_factory=list)
    """The parameters as they came, but for the page token: the links of the result repeat them."""

    @property
    def by_identifier_only(self) -> bool:
        """Whether Google's API answers from its synchronous index."""
        return bool(self.filters) and not self.sort and all(name == "identifier" for name, _ in self.filters)


def read_query(resource_type: str | None, pairs: Iterable[tuple[str, str]], *, strict: bool = False) -> Query:
    """Return the search that the parameters of a request ask for; raises a 400 for what is malformed."""
    query = Query([resource_type] if resource_type else list(parameters()), strict=strict)
    for name, value in pairs:
        if name == "_page_token":
            query.page_token = value
        elif name not in IGNORED:
            query.sent.append((name, value))
            _read(query, name, value)
    return query


def _read(query: Query, name: str, value: str) -> None:
    plain = name.partition(":")[0]
    if plain in NOT_SUPPORTED:
        raise not_supported(f"the search parameter {plain} is not supported")
    if plain in {"_include", "_revinclude"}:
        query.includes.append((name, value))
    elif name in READERS:
        READERS[name](query, value)
    else:
        query.filters.append((name, value))


def _read_count(query: Query, value: str) -> None:
    if not value.isdecimal() or len(value) > 9:
        raise bad_query("_count is not a number")
    query.count = min(int(value) or DEFAULT_COUNT, LARGEST_COUNT)


def _read_sort(query: Query, value: str) -> None:
    query.sort = [(each.removeprefix("-"), each.startswith("-")) for each in value.split(",") if each]


def _read_types(query: Query, value: str) -> None:
    wanted = value.split(",")
    if any(each not in parameters() for each in wanted):
        raise not_found("_type has an unknown resource type")
    query.types = [each for each in query.types if each in wanted]


def _read_summary(query: Query, value: str) -> None:
    if value not in SUMMARIES:
        raise not_supported("_summary may be text, data or false")
    query.summary = value


def _read_elements(query: Query, value: str) -> None:
    query.elements = [each for each in value.split(",") if each]


READERS = {
    "_count": _read_count,
    "_sort": _read_sort,
    "_type": _read_types,
    "_summary": _read_summary,
    "_elements": _read_elements,
}
