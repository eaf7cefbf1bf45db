"""The resources of one message: each once, linked by ``urn:uuid`` references, with its key and what the message owns.

Absent is unchanged, ``""`` is deleted (HL7 2.5.3), but a PUT deletes what is absent. So each entry says in extensions
what a destination needs to merge it with what the store has (``gateway.contract.fhir``).

A resource is found again by an identifier: one of its own that has a system, or one that is made of its key.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha1
from typing import Any
from urllib.parse import quote

from gateway.contract import fhir

Json = dict[str, Any]
ADDS, AS_OF, CLEARS, DROPS_LINK, OWNS = fhir.ADDS, fhir.AS_OF, fhir.CLEARS, fhir.DROPS_LINK, fhir.OWNS
SENT, KEEPS = fhir.SENT, fhir.KEEPS
SHARED = frozenset({"Practitioner", "Organization"})
"""What many messages mention and none is about: it is created if it is missing, and never overwritten."""
MOST_ALIASES = 4
"""How many other keys of a patient are tried: each is one more identifier to search for, of each thing."""
URI_SYSTEM = "urn:ietf:rfc:3986"
"""The system of identifiers that are URIs."""
_URI_TOKEN = f"{quote(URI_SYSTEM, safe='')}%7C"
_DATE_TIME = re.compile(r"[\d-]{4,10}(?:T[\d:.]+[+-]\d\d:\d\d)?", re.ASCII)
"""A FHIR dateTime among the times of ``Context.as_of``."""
_RESERVED = frozenset("|,$\\%")
"""Characters that have a meaning in FHIR's searches; some servers never find an identifier with one of them."""


def urn(kind: str, key: tuple[str, ...]) -> str:
    """Return a name that is the same for the same key, in every message; it does not tell the key."""
    digest = sha1("\0".join((kind, *key)).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"urn:uuid:{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


def found_by(kind: str, key: tuple[str, ...]) -> Json:
    """Return the identifier by which a resource without one of its own is found again."""
    return {"system": URI_SYSTEM, "value": urn(kind, key)}


@lru_cache(maxsize=1024)
def _named(url: str, elements: frozenset[str]) -> list[Json]:
    """Return the extensions that name *elements*: most resources of a message have the same ones."""
    return [{"url": url, "valueString": each} for each in sorted(elements)]


@lru_cache(maxsize=1024)
def _times(as_of: str) -> list[Json]:
    """Return the extensions that say the times of a resource: FHIR has no dateTime with a clock and without a zone."""
    pairs = zip((AS_OF, SENT), as_of.split(" "), strict=False)
    return [{"url": url, f"value{'DateTime' if _DATE_TIME.fullmatch(each) else 'String'}": each} for url, each in pairs]


@dataclass(slots=True)
class Resource:
    """A resource that a message creates or changes."""

    kind: str
    key: tuple[str, ...]
    url: str
    body: Json
    natural: tuple[str, str] | None = None
    """System and value of an identifier of its own that finds it again."""
    owns: set[str] = field(default_factory=set)
    clears: set[str] = field(default_factory=set)
    keeps: set[str] = field(default_factory=set)
    """Items of lists that stay, though the message owns or clears the list."""
    adds: set[str] = field(default_factory=set)
    is_stub: bool = False
    """Whether the message is about another resource, and only names this one: it is created if it is missing."""
    drops_links: list[Json] = field(default_factory=list)
    """References to the patients to which the links are removed."""

    takes: list[Json] = field(default_factory=list)
    """Identifiers that other patients have had until now."""

    is_moved: bool = False
    """Whether the message says that it becomes that of another patient."""

    also: list[str] = field(default_factory=list)
    """The names that it has in messages that name the patient by another number first."""

    rival: str = ""
    """The name of the next thing with the same key, if the message may mean that one."""

    as_of: str = ""
    """When what the message says was so, a blank, and when the message was made if that is another time; empty if
    neither is known."""
    reference: Json = field(init=False)
    """A reference to it, which nobody changes: all that refer to it have the same one."""
    _listed: dict[str, tuple[list[Any], int, set[str]]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.reference = {"reference": self.url}

    def append(self, element: str, item: Any) -> None:
        """Add an item to a list of the resource itself; the same one is there once, which takes no search."""
        listed = self.body.setdefault(element, [])
        known = self._listed.get(element)
        if known is None or known[0] is not listed or len(listed) != known[1]:  # somebody else has changed it
            known = (listed, len(listed), set(map(repr, listed)))
        text = repr(item)
        if text not in known[2]:
            listed.append(item)
            known[2].add(text)
        self._listed[element] = (listed, len(listed), known[2])

    def own(self, element: str, value: Any) -> None:
        """Set an element of the resource itself."""
        self.body[element] = value
        self.owns.add(element)

    def clear(self, element: str) -> None:
        """Remove an element of the resource itself."""
        self.body.pop(element, None)
        self.owns.discard(element)
        self.clears.add(element)

    def begin_anew(self) -> None:
        """Forget what the message has said of it so far."""
        self.body = {"resourceType": self.kind}
        self.owns.clear()
        self.clears.clear()

    def only_name(self) -> None:
        """Make it a resource that the message is not about: what it says of it counts only if it is missing."""
        self.is_stub = True
        self.owns.clear()
        self.clears.clear()

    def entry(self) -> Json:
        """Return its entry of a transaction."""
        self._identify()
        entry: Json = {"fullUrl": self.url, "resource": self.body, "request": self._request()}
        if words := list(self._words()):
            entry["extension"] = words
        return entry

    def _request(self) -> Json:
        if self.kind == "Provenance":  # it has no identifier
            return {"method": "PUT", "url": f"Provenance/{self.body['id']}"}
        condition = f"identifier={self._token()}"
        if self.is_stub or self.kind in SHARED:
            return {"method": "POST", "url": self.kind, "ifNoneExist": condition}
        return {"method": "PUT", "url": f"{self.kind}?{condition}"}

    def _identify(self) -> None:
        if self.kind == "Provenance":
            self.body["id"] = self.url.removeprefix("urn:uuid:")  # R4 http#update: the id of the URL is in the body
        elif self.natural is None:
            own = found_by(self.kind, self.key)
            listed = self.body.get("identifier")
            if listed is None:
                self.body["identifier"] = [own]
            elif own not in listed:
                listed.append(own)

    def _token(self) -> str:
        if self.natural is None:
            return f"{_URI_TOKEN}{self.url.replace(':', '%3A')}"
        system, value = self.natural
        return f"{quote(system, safe='')}%7C{quote(value, safe='')}"

    def _words(self) -> Iterator[Json]:
        yield from ({"url": DROPS_LINK, "valueReference": each} for each in self.drops_links)
        for url, elements in ((OWNS, self.owns), (CLEARS, self.clears and self.clears - self.owns), (ADDS, self.adds)):
            if elements:
                yield from _named(url, frozenset(elements))
        if self.keeps:
            changed = self.owns | self.clears
            yield from _named(KEEPS, frozenset(each for each in self.keeps if each.partition("(")[0] in changed))
        yield from ({"url": fhir.TAKES, "valueIdentifier": each} for each in self.takes)
        yield from ({"url": fhir.ALSO, "valueUri": each} for each in self.also)
        if self.rival:
            yield {"url": fhir.RIVAL, "valueUri": self.rival}
        if self.is_moved:
            yield {"url": fhir.MOVES, "valueBoolean": True}
        if self.as_of and self.kind not in SHARED and self.kind != "Provenance":
            yield from _times(self.as_of)


class Bundle:
    """The resources of one message, in the order in which they were first mentioned."""

    def __init__(self) -> None:
        self._resources: dict[str, Resource] = {}
        self._made: list[Resource] = []
        self._counts: dict[str, int] = {}
        """How many things have the same key, by the name of the first one."""
        self.as_of = ""
        """The time of the message, for the resources that are made from now on."""
        self._aliases: dict[tuple[str, ...], list[tuple[str, ...]]] = {}

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)

    def since(self, count: int) -> list[Resource]:
        """Return the resources that were made after the first *count*."""
        return self._made[count:]

    def find(self, url: str) -> Resource | None:
        """Return the resource with this name; None if the message has none."""
        return self._resources.get(url)

    def get(self, kind: str, key: tuple[str, ...], natural: tuple[str, str] | None = None) -> Resource:
        """Return the resource with that key, which is made if it is not there yet."""
        if natural is not None and (not natural[1] or not _RESERVED.isdisjoint("".join(natural))):
            natural = None
        url = urn(kind, key)
        found = self._resources.get(url)
        if found is None:
            found = self._keep(Resource(kind, key, url, {"resourceType": kind}, natural, as_of=self.as_of))
        return found

    def new(self, kind: str, key: tuple[str, ...]) -> Resource:
        """Make a resource. If there is another thing with the same key, it gets a key with its number among them."""
        free, first = key, urn(kind, key)
        url, count = first, self._counts.get(first, 1)
        while url in self._resources:
            count += 1
            free = (*key, str(count))
            url = urn(kind, free)
        self._counts[first] = count
        return self._keep(Resource(kind, free, url, {"resourceType": kind}, as_of=self.as_of))

    def following(self, found: Resource) -> str:
        """Return the name of the next thing with the key of *found*, the first one with it; empty for others."""
        count = self._counts.get(found.url)
        return urn(found.kind, (*found.key, str(count + 1))) if count is not None else ""

    def _keep(self, made: Resource) -> Resource:
        self._resources[made.url] = made
        self._made.append(made)
        return made

    def alias(self, patient: tuple[str, ...], others: Iterable[tuple[str, ...]]) -> None:
        """Note the other keys of a patient: in the keys of what is the patient's, any of them may be."""
        self._aliases[patient] = [each for each in others if each != patient][:MOST_ALIASES]

    def _alias(self, found: Resource) -> None:
        for patient, others in self._aliases.items() if found.natural is None and found.kind != "Provenance" else ():
            size = len(patient)
            if len(found.key) > size and found.key[:size] == patient:
                names = [urn(found.kind, (*each, *found.key[size:])) for each in others]
                found.also += [each for each in names if each not in found.also]

    def transaction(self) -> Json:
        """Return the bundle as FHIR."""
        for each in self if any(self._aliases.values()) else ():
            self._alias(each)
        return {"resourceType": "Bundle", "type": "transaction", "entry": [each.entry() for each in self]}


def add_items(found: Resource, element: str, items: Iterable[Json]) -> None:
    """Add items to a list of the resource, which the message owns as a whole; the same one is there once."""
    for each in items:
        found.append(element, each)
    found.owns.add(element)


def cleaned(value: Any) -> Any:
    """Return *value* without what FHIR forbids: empty objects, lists and strings. None if nothing is left."""
    if isinstance(value, dict):
        return _cleaned_items(value) or None
    if isinstance(value, list):
        return [inner for each in value if (inner := cleaned(each)) is not None] or None
    return None if value == "" else value


def _cleaned_items(value: Json) -> Json:
    kept: Json = {}
    for name, each in value.items():
        if isinstance(each, str):  # as most are
            if each:
                kept[name] = each
        elif each is not None and (inner := cleaned(each)) is not None:
            kept[name] = inner
    return kept


def without_empty(value: Json) -> Json | None:
    """Return *value* without empty parts; None if nothing is left."""
    made: Json | None = cleaned(value)
    return made
