"""The rows that a resource has in the index tables: one function for each type of parameter."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, NamedTuple

from gateway.sandbox.fhir.search.moments import FIRST, LAST, interval

NAME_PARTS = ("text", "family", "given", "prefix", "suffix")
ADDRESS_PARTS = ("text", "line", "city", "district", "state", "postalCode", "country")


class Token(NamedTuple):
    """A code of a system; the system is empty where there is none."""

    code: str
    system: str


class Text(NamedTuple):
    """A string or URI: as it is compared (*norm*), and as it was written."""

    norm: str
    value: str


class Span(NamedTuple):
    """A half-open interval of time."""

    low: int
    high: int


class Link(NamedTuple):
    """A reference; without a *type*, *target* is an absolute URL."""

    type: str
    target: str


class Amount(NamedTuple):
    """A number or quantity."""

    value: float
    system: str
    code: str
    unit: str


Row = Token | Text | Span | Link | Amount


def rows_at(element: Any, datatype: str, kind: str, target: str = "") -> Iterator[Row]:
    """Yield the index rows of one element."""
    for row in READERS.get(kind, _nothing)(element, datatype):
        if not target or (isinstance(row, Link) and row.type == target):
            yield row


def normalise(text: str) -> str:
    """Return a string as searches compare it: without case and without accents, white space joined (R4 3.1.1.5.8)."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return " ".join(plain.casefold().split())


def _tokens(element: Any, datatype: str) -> Iterator[Token]:
    if datatype == "exists":
        yield Token("false" if element is False else "true", "")
    elif isinstance(element, bool):
        yield Token("true" if element else "false", "")
    elif isinstance(element, str):
        yield Token(element, "")
    elif isinstance(element, dict):
        yield from TOKENS.get(datatype, _coding)(element)


def _concept(element: Mapping[str, Any]) -> Iterator[Token]:
    for coding in element.get("coding", []):
        yield from _coding(coding)


def _coding(element: Mapping[str, Any], code: str = "code") -> Iterator[Token]:
    if isinstance(element, dict) and isinstance(element.get(code), str):
        yield Token(element[code], _string(element.get("system")))


TOKENS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Token]]] = {
    "CodeableConcept": _concept,
    "Identifier": partial(_coding, code="value"),
    "ContactPoint": partial(_coding, code="value"),
}


def texts_of_token(element: Any) -> Iterator[Text]:
    """Yield what the modifier ``:text`` searches: text and displays of a concept."""
    if isinstance(element, dict):
        kind = element.get("type")
        concepts = [element, *element.get("coding", []), kind if isinstance(kind, dict) else {}]
        for each in concepts:
            for name in ("text", "display"):
                if isinstance(each, dict) and isinstance(each.get(name), str):
                    yield Text(normalise(each[name]), each[name])


def _strings(element: Any, datatype: str) -> Iterator[Text]:
    if isinstance(element, str):
        yield Text(normalise(element), element)
    elif isinstance(element, dict):
        for name in NAME_PARTS if datatype == "HumanName" else ADDRESS_PARTS:
            values = element.get(name, [])
            for value in values if isinstance(values, list) else [values]:
                if isinstance(value, str):
                    yield Text(normalise(value), value)


def _uris(element: Any, _: str) -> Iterator[Text]:
    if isinstance(element, str):
        yield Text(element, element)


def _spans(element: Any, datatype: str) -> Iterator[Span]:
    if isinstance(element, str) and (found := interval(element)):
        yield Span(*found)
    elif isinstance(element, dict) and datatype == "Period":
        yield from _period(element)
    elif isinstance(element, dict) and datatype == "Timing":
        found_in = [interval(each) for each in element.get("event", []) if isinstance(each, str)]
        known = [each for each in found_in if each is not None]
        if known:
            # "the date is the outer limits of the timing" (R4 search 3.1.1.5.7)
            yield Span(min(low for low, _ in known), max(high for _, high in known))
        bounds = element.get("repeat", {}).get("boundsPeriod")
        if isinstance(bounds, dict):
            yield from _period(bounds)


def _period(element: Mapping[str, Any]) -> Iterator[Span]:
    start, end = (interval(_string(element.get(name))) for name in ("start", "end"))
    if start or end:
        yield Span(start[0] if start else FIRST, end[1] if end else LAST)


def _links(element: Any, datatype: str) -> Iterator[Link]:
    if isinstance(element, str) and datatype in {"canonical", "uri", "url"}:
        yield Link("", element)
    elif isinstance(element, dict) and isinstance(element.get("reference"), str):
        yield read_link(element["reference"])


def read_link(reference: str) -> Link:
    """Return the target of a literal reference; a version in it is left out."""
    path, _, _ = reference.partition("/_history/")
    parts = path.split("/")
    if len(parts) == 2 and parts[0][:1].isupper():
        return Link(parts[0], parts[1])
    return Link("", reference)


def _amounts(element: Any, _: str) -> Iterator[Amount]:
    if isinstance(element, (int, Decimal)) and not isinstance(element, bool):
        yield Amount(float(element), "", "", "")
    elif isinstance(element, dict):
        for part in (element, element.get("low"), element.get("high")):
            if isinstance(part, dict) and (value := _number(part.get("value"))) is not None:
                code = _string(part.get("code")) or _string(part.get("currency"))
                yield Amount(value, _string(part.get("system")), code, _string(part.get("unit")))


def _number(value: Any) -> float | None:
    try:
        return None if value is None or isinstance(value, bool) else float(Decimal(value))
    except (InvalidOperation, TypeError, ValueError, OverflowError):
        return None


def _nothing(_: Any, __: str) -> Iterator[Row]:
    return iter(())


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


READERS: Mapping[str, Callable[[Any, str], Iterator[Row]]] = {
    "token": _tokens,
    "string": _strings,
    "uri": _uris,
    "date": _spans,
    "reference": _links,
    "number": _amounts,
    "quantity": _amounts,
}
