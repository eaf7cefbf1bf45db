"""The entries of a transaction that a step has made: resource, condition, and how it is merged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from adapters.rest.fhir.bodies import Json
from adapters.rest.fhir.times import until
from gateway.contract.fhir import ADDS, ALSO, AS_OF, CLEARS, DROPS_LINK, KEEPS, MOVES, OWNS, RIVAL, SENT, TAKES

WORDS_OF_ENTRIES = frozenset({ADDS, ALSO, AS_OF, CLEARS, DROPS_LINK, KEEPS, MOVES, OWNS, RIVAL, SENT, TAKES})
URIS = "urn:ietf:rfc:3986"
"""The system of identifiers that are URIs."""
Token = tuple[str, str]
"""System and value of an identifier; the system may be empty."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry."""

    position: int
    url: str
    """Its ``fullUrl``: the key of the thing."""
    kind: str
    resource: Json
    request: Json
    token: Token | None
    """The identifier of its condition; None if it has no condition of this form, so that it is sent as it is."""
    is_stub: bool = False
    """Whether the message only names the thing."""
    owns: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    """Keys of the patients to which the links are removed."""
    as_of: str = ""
    """The times of ``times.is_older``."""
    keeps: tuple[str, ...] = ()
    """Items of lists, as :func:`adapters.rest.fhir.elements.items` reads them."""
    also: tuple[Token, ...] = ()
    """Identifiers that it has if another message has named its patient by another number first."""
    moves: bool = False
    """Whether the thing becomes that of another patient."""
    takes: tuple[Json, ...] = ()
    """Identifiers that no other patient has from now on."""
    rivals: tuple[Token, ...] = ()
    """Identifiers of what the message may mean in the place of this thing, if the store has it."""

    @property
    def taken(self) -> set[Token]:
        """Those of ``takes`` that have a system, by which records are searched for."""
        return tokens_of({"identifier": list(self.takes)})


def is_made_by_a_step(bundle: object) -> bool:
    """Whether a step has made the bundle: a transaction, of which an entry says how it is merged.

    The same words anywhere else are content: each resource that was merged has them in its ``meta``.
    """
    if not isinstance(bundle, dict) or (bundle.get("resourceType"), bundle.get("type")) != ("Bundle", "transaction"):
        return False
    listed = bundle.get("entry")
    if not isinstance(listed, list):
        return False
    words = [each.get("extension") for each in listed if isinstance(each, dict)]
    return any(
        isinstance(word, dict) and str(word.get("url")) in WORDS_OF_ENTRIES
        for each in words
        for word in (each if isinstance(each, list) else ())
    )


def read_entries(bundle: Json, now: datetime | None = None) -> list[Entry] | None:
    """Return the entries of a transaction; None if it does not have the form that the contract demands.

    A time in the future counts as *now*: otherwise one message of a wrong clock would outdate all that come after it.
    """
    now = now or datetime.now(UTC)
    listed = bundle.get("entry", [])
    if not isinstance(listed, list):
        return None
    found = [_read(position, each, now) for position, each in enumerate(listed)]
    read = [each for each in found if each is not None]
    return read if len(read) == len(found) else None


def _read(position: int, entry: Any, now: datetime) -> Entry | None:
    if not isinstance(entry, dict):
        return None
    resource, request = entry.get("resource"), entry.get("request")
    words = entry.get("extension", [])
    if not (isinstance(resource, dict) and isinstance(request, dict) and isinstance(words, list)):
        return None
    method, url, kind = request.get("method"), request.get("url"), resource.get("resourceType")
    if method not in {"PUT", "POST"} or not (isinstance(url, str) and isinstance(kind, str)):
        return None
    condition = request.get("ifNoneExist", "") if method == "POST" else url.partition("?")[2]
    return Entry(
        position,
        str(entry.get("fullUrl", "")),
        kind,
        resource,
        request,
        _token(condition),
        method == "POST" and bool(condition),
        tuple(_named(words, OWNS)),
        tuple(_named(words, CLEARS)),
        tuple(_named(words, ADDS)),
        tuple(_dropped(words)),
        " ".join(filter(None, (until(_time(words, url), now) for url in (AS_OF, SENT)))),
        tuple(_named(words, KEEPS)),
        tuple((URIS, each) for each in _values(words, ALSO, "valueUri")),
        any(
            isinstance(each, Mapping) and each.get("url") == MOVES and each.get("valueBoolean") is True
            for each in words
        ),
        tuple(_identifiers(words)),
        tuple((URIS, each) for each in _values(words, RIVAL, "valueUri")),
    )


def _time(words: list[Any], url: str) -> str:
    """Return a time; a blank parts it from the next one."""
    found = next((each for name in ("valueDateTime", "valueString") for each in _values(words, url, name)), "")
    return found.replace(" ", "")


def _token(condition: object) -> Token | None:
    """Return the identifier of a condition, if that is the whole condition."""
    pairs = parse_qsl(condition) if isinstance(condition, str) else []
    if len(pairs) != 1 or pairs[0][0] != "identifier":
        return None
    system, bar, value = pairs[0][1].partition("|")
    return (system, value) if bar else ("", system)


def _named(words: list[Any], url: str) -> Iterator[str]:
    return _values(words, url, "valueString")


def _dropped(words: list[Any]) -> Iterator[str]:
    for each in words:
        if isinstance(each, Mapping) and each.get("url") == DROPS_LINK:
            reference = each.get("valueReference")
            if isinstance(reference, Mapping) and isinstance(reference.get("reference"), str):
                yield reference["reference"]


def _identifiers(words: list[Any]) -> Iterator[Json]:
    for each in words:
        if isinstance(each, Mapping) and each.get("url") == TAKES and isinstance(each.get("valueIdentifier"), dict):
            yield each["valueIdentifier"]


def _values(words: list[Any], url: str, name: str) -> Iterator[str]:
    for each in words:
        if isinstance(each, Mapping) and each.get("url") == url and isinstance(each.get(name), str):
            yield each[name]


RECORDS = frozenset({"MR", "NI", "PE", "PI", "PT"})
"""Types of identifiers that are of one record of a patient (table 0203); of a card or a visit are others."""


def record_tokens(resource: Json) -> set[Token]:
    """Return the identifiers of a patient's record that have a system: those of these types, and without a type."""
    value = resource.get("identifier")
    listed = [each for each in (value if isinstance(value, list) else ()) if isinstance(each, dict)]
    return tokens_of({"identifier": [each for each in listed if _is_of_record(each.get("type"))]})


def _is_of_record(kind: object) -> bool:
    codings = kind.get("coding") if isinstance(kind, dict) else None
    codes = [each.get("code") for each in (codings if isinstance(codings, list) else ()) if isinstance(each, dict)]
    return not codes or not RECORDS.isdisjoint(map(str, codes))


def tokens_of(resource: Json) -> set[Token]:
    """Return the identifiers of a resource that have a system."""
    found = ((each.get("system"), each.get("value")) for each in identifiers_of(resource))
    return {(str(system), str(value)) for system, value in found if system and value}


def identifiers_of(resource: Json) -> Iterator[Json]:
    """Yield the identifiers by which a search finds a resource: some types have one of them, some a master."""
    for name in ("identifier", "masterIdentifier"):
        value = resource.get(name)
        yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict))
