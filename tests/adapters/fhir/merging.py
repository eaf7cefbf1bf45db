"""A store that merges as docs/steps.md says a destination must: the shortest one that can be right."""

import copy
from typing import Any

from adapters.fhir.bundle import ADDS, AS_OF, CLEARS, DROPS_LINK, KEEPS, OWNS, SENT
from adapters.fhir.convert import Conversion

Json = dict[str, Any]


class Store:
    """Resources by the name that their key gives."""

    def __init__(self) -> None:
        self.resources: dict[str, Json] = {}
        self.times: dict[str, str] = {}

    def of(self, kind: str) -> list[Json]:
        """Return the resources of a type."""
        return [each for each in self.resources.values() if each["resourceType"] == kind]

    def take(self, found: Conversion) -> None:
        """Store a bundle."""
        for entry in copy.deepcopy(found.resources())["entry"]:
            url, words = entry["fullUrl"], entry.get("extension", [])
            if url in self.resources:
                self._merge(self.resources[url], entry["resource"], words, url)
            else:
                self.resources[url] = entry["resource"]
            self.times[url] = max(_time(words), self.times.get(url, ""))

    def _merge(self, old: Json, new: Json, words: list[Json], url: str) -> None:
        is_late = _time(words) < self.times.get(url, "")
        for word in words:
            element = word.get("valueString", "")
            if word["url"] in {OWNS, CLEARS} and not is_late:
                kept = [each for other in words if other["url"] == KEEPS for each in _kept(old, new, element, other)]
                (_copy if word["url"] == OWNS else _drop)(old, new, element)
                if kept:
                    old[element] = [*old.get(element, []), *kept]
            elif word["url"] == ADDS:
                listed = old.setdefault(element, [])
                listed += [each for each in new[element] if each not in listed]
            elif word["url"] == DROPS_LINK:
                old["link"] = [each for each in old.get("link", []) if each["other"] != word["valueReference"]]


def _time(words: list[Json]) -> str:
    found = (
        word.get("valueDateTime") or word["valueString"]
        for url in (AS_OF, SENT)
        for word in words
        if word["url"] == url
    )
    return " ".join(found)


def _kept(old: Json, new: Json, element: str, word: Json) -> list[Json]:
    """Return the items that stay."""
    name, _, condition = word["valueString"].removesuffix(")").partition("(")
    path, _, value = condition.partition("=")
    key = path.split(".")[0]

    def is_meant(item: Json) -> bool:
        held = item.get(key)
        return held == value if path == key else value in str(held).split("'")

    if name != element or any(map(is_meant, new.get(name, []))):
        return []
    return [each for each in old.get(name, []) if is_meant(each)]


def _drop(old: Json, _: Json, element: str) -> None:
    _remove(old, element)


def _names(body: Json, element: str) -> list[str]:
    """Return the names in JSON of an element: ``deceased[x]`` has one for each type."""
    stem = element.partition("[")[0]
    return [name for name in body if name == element or (element.endswith("[x]") and name.startswith(stem))]


def _remove(body: Json, element: str) -> None:
    if element.startswith(("extension(", "_birthDate")):
        url = element.partition("(")[2].removesuffix(")")
        body["extension"] = [each for each in body.get("extension", []) if each["url"] != url]
        return
    head, _, rest = element.partition(".")
    if rest:
        _remove(body.get(head, {}), rest)
    else:
        for name in _names(body, head):
            del body[name]


def _copy(old: Json, new: Json, element: str) -> None:
    _remove(old, element)
    if element.startswith(("extension(", "_birthDate")):
        url = element.partition("(")[2].removesuffix(")")
        old.setdefault("extension", []).extend(each for each in new.get("extension", []) if each["url"] == url)
        return
    head, _, rest = element.partition(".")
    if rest:
        _copy(old.setdefault(head, {}), new[head], rest)
    else:
        for name in _names(new, head):
            old[name] = new[name]
