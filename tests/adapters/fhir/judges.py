"""Judges of a transaction: R4's structure, and what the validators of others do not see.

They use the tables in ``r4/``, which are made from HL7's definitions, and share no code with the converter. Each
finding is a short text with the path.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

R4 = Path(__file__).parent / "r4"
Json = dict[str, Any]
FORMS = {
    "instant": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
    "dateTime": r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?)?)?",
    "date": r"\d{4}(-\d\d(-\d\d)?)?",
    "time": r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?",
    "code": r"\S+( \S+)*",
    "uri": r"\S+",
    "url": r"\S+",
    "canonical": r"\S+",
    "id": r"[A-Za-z0-9.-]{1,64}",
    "base64Binary": r"[A-Za-z0-9+/]+={0,2}",
}
"""The forms of primitive types (R4 datatypes.html)."""
ABSOLUTE = re.compile(r"(https?://\S+|urn:oid:[0-2](\.\d+)+|urn:uuid:[0-9a-f-]{36}|urn:(?!oid:|uuid:)[a-z0-9-]+:\S+)\Z")
ANYWHERE = {"id", "extension", "resourceType"}
COMPARATORS = {"<", "<=", ">=", ">"}


class Element(NamedTuple):
    """A row of structure.tsv."""

    min: int
    max: str
    types: tuple[str, ...]
    value_set: str


def rows(name: str) -> Iterator[list[str]]:
    """Yield the rows of a table."""
    for line in (R4 / name).read_text(encoding="utf-8").splitlines()[1:]:
        yield line.split("\t")


@cache
def structure() -> Mapping[str, Element]:
    """Return every element of R4 by its path."""
    return {path: Element(int(least), most, tuple(re.split(r"\|", types)), bound) for path, least, most, types, bound in
            rows("structure.tsv")}  # fmt: skip


@cache
def bindings() -> Mapping[str, frozenset[str]]:
    """Return the codes of each required value set that can be listed."""
    return {url: frozenset(codes.split(" ")) for url, codes in rows("bindings.tsv")}


EXTENSION = Element(0, "*", ("Extension",), "")
"""Every element may have extensions; structure.tsv does not repeat them."""


@cache
def children(path: str) -> Mapping[str, tuple[str, Element, str]]:
    """Return the elements below *path* by their names in JSON, each with its path and its type."""
    found = {"extension": ("extension", EXTENSION, "Extension")}
    for each, element in structure().items():
        head, _, name = each.rpartition(".")
        if head != path:
            continue
        if name.endswith("[x]"):
            for kind in element.types:
                plain = kind.partition("(")[0]
                found[name[:-3] + plain[:1].upper() + plain[1:]] = (each, element, kind)
        else:
            found[name] = (each, element, element.types[0])
    return found


def judge(bundle: Json) -> list[str]:
    """Return every fault of a transaction."""
    found = [*_nothing_twice(bundle), *_closure(bundle)]
    for number, entry in enumerate(bundle.get("entry", ())):
        resource = entry["resource"]
        place = f"entry[{number}].{resource['resourceType']}"
        found += _object(resource, resource["resourceType"], place)
        found += _targets(resource, bundle, place)
        found += _statuses(resource, place)
    return found


def _object(value: Json, path: str, place: str) -> Iterator[str]:
    """Yield the faults of an object, whose elements are defined below *path*."""
    known = children(path)
    if not value:
        yield f"{place}: empty object"
    for name, inner in value.items():
        where = f"{place}.{name}"
        if name == "extension":
            yield from _extensions(inner, where)
        elif name in ANYWHERE:
            continue
        elif name.startswith("_"):
            if name[1:] not in known:
                yield f"{where}: unknown element"
        elif name not in known:
            yield f"{where}: unknown element"
        else:
            yield from _element(inner, *known[name], where)
    yield from _cardinality(value, known, place)


def _cardinality(value: Json, known: Mapping[str, tuple[str, Element, str]], place: str) -> Iterator[str]:
    present: dict[str, int] = {}
    for name in value:
        if name in known:
            path = known[name][0]
            present[path] = present.get(path, 0) + 1
    for path, count in present.items():
        if count > 1:
            yield f"{place}: two values of {path}"
    for path, element in {path: element for path, element, _ in known.values()}.items():
        if element.min and path not in present:
            yield f"{place}: {path} is missing"


def _extensions(value: Any, place: str) -> Iterator[str]:
    for number, each in enumerate(value):
        where = f"{place}[{number}]"
        if "url" not in each:
            yield f"{where}: no url"
        given = [name for name in each if name.startswith("value")]
        if len(given) + ("extension" in each) != 1:
            yield f"{where}: an extension has a value or extensions"
        for name in given:
            yield from _element(each[name], *children("Extension")[name], f"{where}.{name}")
        if "extension" in each:
            yield from _extensions(each["extension"], where)


def _element(value: Any, path: str, element: Element, kind: str, place: str) -> Iterator[str]:
    """Yield the faults of the value of an element: a list where R4 has a list, and each item in its form."""
    if (element.max == "*") != isinstance(value, list):
        yield f"{place}: {'no list' if element.max == '*' else 'a list'}"
        return
    if value == []:
        yield f"{place}: empty list"
    for each in value if isinstance(value, list) else [value]:
        yield from _item(each, path, element, kind, place)


def _item(value: Any, path: str, element: Element, kind: str, place: str) -> Iterator[str]:
    plain = kind.partition("(")[0]
    if kind.startswith("#"):
        yield from _object(value, kind[1:], place)
    elif plain in {"BackboneElement", "Element"}:
        yield from _object(value, path, place)
    elif plain[:1].isupper() and plain not in {"String", "Resource"}:
        yield from _datatype(value, plain, place)
    else:
        yield from _primitive(value, plain, element, place)


def _datatype(value: Any, kind: str, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place}: no {kind}"
        return
    yield from _object(value, kind, place)
    system = value.get("system")
    if kind in {"Identifier", "Coding", "Quantity", "Duration"} and system is not None and not ABSOLUTE.match(system):
        yield f"{place}.system: not absolute"
    comparator = value.get("comparator")
    if comparator is not None and place.rpartition(".")[2] in {"doseQuantity", "rateQuantity", "low", "high"}:
        yield f"{place}.comparator: in a SimpleQuantity"
    if comparator is not None and comparator not in COMPARATORS:
        yield f"{place}.comparator: not in the value set"


def _primitive(value: Any, kind: str, element: Element, place: str) -> Iterator[str]:
    if kind == "boolean":
        if not isinstance(value, bool):
            yield f"{place}: no boolean"
    elif kind in {"integer", "positiveInt", "unsignedInt", "decimal"}:
        if isinstance(value, (str, bool)):
            yield f"{place}: no number"
    elif not isinstance(value, str) or not value.strip():
        yield f"{place}: empty or no string"
    elif kind in FORMS and not re.fullmatch(FORMS[kind], value):
        yield f"{place}: not in the form of {kind}"
    elif element.value_set in bindings() and value not in bindings()[element.value_set]:
        yield f"{place}: not in the required value set"


def _statuses(resource: Json, place: str) -> Iterator[str]:
    """Yield broken invariants between elements: ait-1, ait-2, con-5, app-2, app-3."""
    kind, verified = resource["resourceType"], resource.get("verificationStatus", {}).get("coding", [])
    is_error = any(each.get("code") == "entered-in-error" for each in verified)
    if kind in {"AllergyIntolerance", "Condition"} and is_error and "clinicalStatus" in resource:
        yield f"{place}: an error with a clinical status"
    if kind == "AllergyIntolerance" and not is_error and "clinicalStatus" not in resource:
        yield f"{place}: no clinical status"
    if kind == "Appointment":
        start, end = ({name, f"_{name}"} & resource.keys() for name in ("start", "end"))
        if bool(start) != bool(end):
            yield f"{place}: start or end alone"
        if not start and resource["status"] not in {"proposed", "cancelled", "waitlist"}:
            yield f"{place}: no start"


def _nothing_twice(bundle: Json) -> Iterator[str]:
    """No resource twice: R4 http.html, a transaction with the same resource twice SHALL fail."""
    entries = bundle.get("entry", ())
    urls = [entry["fullUrl"] for entry in entries]
    conditions = [entry["request"]["url"] + entry["request"].get("ifNoneExist", "") for entry in entries]
    if len(set(urls)) < len(urls):
        yield "fullUrl: a resource is there twice"
    if len(set(conditions)) < len(conditions):
        yield "condition: a resource is there twice"


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "reference" and isinstance(inner, str):
                yield inner
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _closure(bundle: Json) -> Iterator[str]:
    known = {entry["fullUrl"] for entry in bundle.get("entry", ())}
    for reference in _references(bundle.get("entry", ())):
        if reference not in known:
            yield "a reference leads out of the bundle"


def _targets(resource: Json, bundle: Json, place: str) -> Iterator[str]:
    """Yield the references of the top level to a type that R4 does not allow there."""
    kinds = {entry["fullUrl"]: entry["resource"]["resourceType"] for entry in bundle["entry"]}
    known = children(resource["resourceType"])
    for name, value in resource.items():
        if name not in known or not known[name][2].startswith("Reference("):
            continue
        allowed = known[name][2].removeprefix("Reference(").removesuffix(")").split(",")
        for reference in _references(value):
            if reference in kinds and not {kinds[reference], "Resource"} & set(allowed):
                yield f"{place}.{name}: refers to {kinds[reference]}"
