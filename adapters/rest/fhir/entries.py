"""The entries of a transaction that a step has made: resource, condition, and how it is merged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from adapters.rest.fhir.bodies import Json
from gateway.contract.fhir import ADDS, AS_OF, CLEARS, DROPS_LINK, KEEPS, OWNS, SENT, WORDS

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


def is_made_by_a_step(bundle: object) -> bool:
    """Whether *bundle* is a transaction with the extensions by which a step says how it is merged.

    Resources that were written before have another extension in their ``meta``, and may come from anywhere.
    """
    if not isinstance(bundle, dict) or (bundle.get("resourceType"), bundle.get("type")) != ("Bundle", "transaction"):
        return False
    entries = bundle.get("entry")
    words = (
        word
        for entry in (entries if isinstance(entries, list) else ())
        for word in (entry.get("extension", ()) if isinstance(entry, dict) else ())
    )
    return any(isinstance(each, dict) and str(each.get("url")).startswith(WORDS) for each in words)


def read_entries(bundle: Json) -> list[Entry] | None:
    """Return the entries of a transaction; None if it does not have the form that the contract demands."""
    listed = bundle.get("entry", [])
    if not isinstance(listed, list):
        return None
    found = [_read(position, each) for position, each in enumerate(listed)]
    read = [each for each in found if each is not None]
    return read if len(read) == len(found) else None


def _read(position: int, entry: Any) -> Entry | None:
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
        " ".join(filter(None, (_time(words, url) for url in (AS_OF, SENT)))),
        tuple(_named(words, KEEPS)),
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


def _values(words: list[Any], url: str, name: str) -> Iterator[str]:
    for each in words:
        if isinstance(each, Mapping) and each.get("url") == url and isinstance(each.get(name), str):
            yield each[name]


def tokens_of(resource: Json) -> set[Token]:
    """Return the identifiers of a resource that have a system."""
    found = ((each.get("system"), each.get("value")) for each in identifiers_of(resource))
    return {(str(system), str(value)) for system, value in found if system and value}


def identifiers_of(resource: Json) -> Iterator[Json]:
    """Yield the identifiers by which a search finds a resource: some types have one of them, some a master."""
    for name in ("identifier", "masterIdentifier"):
        value = resource.get(name)
        yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict))
