"""Elements of a resource by their names: ``name``, ``period.end``, ``deceased[x]``, ``extension(URL)``.

A primitive element is two names in JSON, ``birthDate`` and ``_birthDate``: its value, and what extends the value. Both
are one element here, and ``_birthDate.extension(URL)`` is that element too: who replaces the date replaces the time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from adapters.rest.fhir.bodies import Json, copied


@dataclass(frozen=True, slots=True)
class Element:
    """Where an element is."""

    path: tuple[str, ...]
    """The objects on the way."""
    name: str
    is_choice: bool = False
    """Whether the type is a part of its name in JSON: ``deceased[x]`` is ``deceasedBoolean``."""
    extension: str = ""
    """The URL, if the element is the extensions with this URL."""


@lru_cache(maxsize=4096)
def element(name: str) -> Element:
    """Return the element that a message calls *name*."""
    before, _, url = name.partition("(")
    *path, last = before.split(".")
    if path and path[0].startswith("_"):
        return Element((), path[0].removeprefix("_"))
    if url:
        return Element(tuple(path), last, extension=url.removesuffix(")"))
    return Element(tuple(path), last.removesuffix("[x]"), last.endswith("[x]"))


def head(name: str) -> str:
    """Return the name of an element as it is compared: that of the whole primitive for a part of one."""
    return name[1:].partition(".")[0] if name.startswith("_") else name


def first(name: str) -> str:
    """Return the outermost name of an element: ``period`` of ``period.end``."""
    found = element(name)
    return found.path[0] if found.path else found.name


def has(body: Json, name: str) -> bool:
    """Whether the resource has the element."""
    found = element(name)
    holder = _holder(body, found.path)
    if holder is None:
        return False
    return any(True for _ in _extensions(holder, found)) if found.extension else bool(_names(holder, found))


def remove(body: Json, name: str) -> None:
    """Remove the element, and the objects on the way to it that are empty then."""
    found = element(name)
    holders = [body]
    for each in found.path:
        inner = holders[-1].get(each)
        if not isinstance(inner, dict):
            return
        holders.append(inner)
    _cut(holders[-1], found)
    for holder, inside in zip(reversed(holders[:-1]), reversed(found.path), strict=True):
        if holder[inside] == {}:
            del holder[inside]


def carry(body: Json, source: Json, name: str) -> None:
    """Make the element what it is in *source*; remove it if it is not there."""
    remove(body, name)
    found = element(name)
    given = _holder(source, found.path)
    if given is None or not has(source, name):
        return
    holder = body
    for each in found.path:
        inner = holder.get(each)
        if not isinstance(inner, dict):
            inner = holder[each] = {}
        holder = inner
    if found.extension:
        listed = [*holder.get(found.name, ()), *map(copied, _extensions(given, found))]
        holder[found.name] = sorted(
            listed, key=lambda each: str(each.get("url"))
        )  # the same in whatever order they come
    else:
        holder |= {each: copied(given[each]) for each in _names(given, found)}


def items(body: Json, name: str) -> Iterator[Json]:
    """Yield the items of a list that ``telecom(use=work)`` names: those with this value."""
    listed, _, condition = name.partition("(")
    path, _, value = condition.removesuffix(")").partition("=")
    given = body.get(listed)
    yield from (each for each in given if value in _values(each, path.split("."))) if isinstance(given, list) else ()


def _values(value: object, path: list[str]) -> Iterator[object]:
    if isinstance(value, list):
        for each in value:
            yield from _values(each, path)
    elif not path:
        yield value
    elif isinstance(value, dict):
        yield from _values(value.get(path[0]), path[1:])


def _holder(body: Json, path: tuple[str, ...]) -> Json | None:
    for each in path:
        inner = body.get(each)
        if not isinstance(inner, dict):
            return None
        body = inner
    return body


def _cut(holder: Json, found: Element) -> None:
    if not found.extension:
        for each in _names(holder, found):
            del holder[each]
        return
    others = [each for each in holder.get(found.name, ()) if each.get("url") != found.extension]
    if others:
        holder[found.name] = others
    else:
        holder.pop(found.name, None)


def _extensions(holder: Json, found: Element) -> Iterator[Json]:
    return (each for each in holder.get(found.name, ()) if each.get("url") == found.extension)


def _names(holder: Json, found: Element) -> list[str]:
    """Return the names in JSON of an element."""
    if not found.is_choice:
        return [each for each in (found.name, f"_{found.name}") if each in holder]
    size = len(found.name)
    plain = [(each, each.removeprefix("_")) for each in holder]
    return [each for each, name in plain if name.startswith(found.name) and name[size : size + 1].isupper()]
