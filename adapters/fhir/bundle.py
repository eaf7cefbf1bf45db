"""The resources of one message: each once, linked by ``urn:uuid`` references, with its key and what the message owns.

Absent is unchanged, ``""`` is deleted (HL7 2.5.3), but a PUT deletes what is absent. So each entry says in extensions
what a destination needs to merge it with what the store has (``gateway.contract.fhir``).

A resource is found again by an identifier: one of its own that has a system, or one that is made of its key.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha1
from typing import Any
from urllib.parse import quote

from gateway.contract import fhir

Json = dict[str, Any]
ADDS, AS_OF, CLEARS, DROPS_LINK, OWNS = fhir.ADDS, fhir.AS_OF, fhir.CLEARS, fhir.DROPS_LINK, fhir.OWNS
SHARED = frozenset({"Practitioner", "Organization"})
"""What many messages mention and none is about: it is created if it is missing, and never overwritten."""
MOST_ALIASES = 4
"""How many other keys of a patient are tried: each is one more identifier to search for, of each thing."""
URI_SYSTEM = "urn:ietf:rfc:3986"
"""The system of identifiers that are URIs."""
_URI_TOKEN = f"{quote(URI_SYSTEM, safe='')}%7C"
_RESERVED = frozenset("|,$\\%")
"""Characters that have a meaning in FHIR's searches; some servers never find an identifier with one of them."""


def urn(kind: str, key: tuple[str, ...]) -> str:
    """Return a name that is the same for the same key, in every message; it does not tell the key."""
    digest = sha1("\0".join((kind, *key)).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"urn:uuid:{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


@lru_cache(maxsize=1024)
def _named(url: str, elements: frozenset[str]) -> list[Json]:
    """Return the extensions that name *elements*: most resources of a message have the same ones."""
    return [{"url": url, "valueString": each} for each in sorted(elements)]


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
    adds: set[str] = field(default_factory=set)
    is_stub: bool = False
    """Whether the message is about another resource, and only names this one: it is created if it is missing."""
    drops_links: list[Json] = field(default_factory=list)
    """References to the patients to which the links are removed."""

    is_moved: bool = False
    """Whether the message says that it becomes that of another patient."""

    also: list[str] = field(default_factory=list)
    """The names that it has in messages that name the patient by another number first."""

    as_of: str = ""
    """When what the message says was so; empty if that is not known."""
    reference: Json = field(init=False)
    """A reference to it, which nobody changes: all that refer to it have the same one."""

    def __post_init__(self) -> None:
        self.reference = {"reference": self.url}

    def own(self, element: str, value: Any) -> None:
        """Set an element of the resource itself."""
        self.body[element] = value
        self.owns.add(element)

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
            own = {"system": URI_SYSTEM, "value": self.url}
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
        for url, elements in ((OWNS, self.owns), (CLEARS, self.clears and self.clears - self.owns), (ADDS, self.adds)):
            if elements:
                yield from _named(url, frozenset(elements))
        yield from ({"url": DROPS_LINK, "valueReference": each} for each in self.drops_links)
        yield from ({"url": fhir.ALSO, "valueUri": each} for each in self.also)
        if self.is_moved:
            yield {"url": fhir.MOVES, "valueBoolean": True}
        if self.as_of and self.kind not in SHARED and self.kind != "Provenance":
            yield {"url": AS_OF, "valueDateTime": self.as_of}


class Bundle:
    """The resources of one message, in the order in which they were first mentioned."""

    def __init__(self) -> None:
        self._resources: dict[str, Resource] = {}
        self.as_of = ""
        """The time of the message, for the resources that are made from now on."""
        self._aliases: dict[tuple[str, ...], list[tuple[str, ...]]] = {}

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._resources.values())

    def get(self, kind: str, key: tuple[str, ...], natural: tuple[str, str] | None = None) -> Resource:
        """Return the resource with that key, which is made if it is not there yet."""
        if natural is not None and (_RESERVED & set(natural[1]) or not natural[1]):
            natural = None
        url = urn(kind, key)
        found = self._resources.get(url)
        if found is None:
            found = self._resources[url] = Resource(kind, key, url, {"resourceType": kind}, natural, as_of=self.as_of)
        return found

    def new(self, kind: str, key: tuple[str, ...]) -> Resource:
        """Make a resource. If there is another thing with the same key, it gets a key with its number among them."""
        count, free, url = 1, key, urn(kind, key)
        while url in self._resources:
            count += 1
            free = (*key, str(count))
            url = urn(kind, free)
        made = self._resources[url] = Resource(kind, free, url, {"resourceType": kind}, as_of=self.as_of)
        return made

    def alias(self, patient: tuple[str, ...], others: Iterable[tuple[str, ...]]) -> None:
        """Note the other keys of a patient: in the keys of what is the patient's, any of them may be."""
        self._aliases[patient] = [each for each in others if each != patient][:MOST_ALIASES]

    def _alias(self, found: Resource) -> None:
        for patient, others in self._aliases.items() if found.natural is None and found.kind != "Provenance" else ():
            size = len(patient)
            if len(found.key) > size and found.key[:size] == patient:
                found.also = [urn(found.kind, (*each, *found.key[size:])) for each in others]

    def transaction(self) -> Json:
        """Return the bundle as FHIR."""
        for each in self if any(self._aliases.values()) else ():
            self._alias(each)
        return {"resourceType": "Bundle", "type": "transaction", "entry": [each.entry() for each in self]}


def add_items(found: Resource, element: str, items: Iterable[Json]) -> None:
    """Add items to a list of the resource, which the message owns as a whole; the same one is there once."""
    listed = found.body.setdefault(element, [])
    listed += [each for each in items if each not in listed]
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
