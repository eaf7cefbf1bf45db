"""Lists every key of the configuration in force, with its value and where the value comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from gateway.config.yaml_text import VARIABLE, Document
from gateway.screen.settings_shown.hiding import HIDDEN, is_secret, without_secrets
from gateway.screen.settings_shown.values import as_text, is_single, joined, parts_of


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the configuration."""

    path: str
    """Its name in problems and in cases, such as ``listeners.lab.port``; also its anchor on the page."""
    value: str
    line: int | None
    """The line of the file that has it. For a default: where the group begins to which it can be added, if there."""
    is_default: bool
    variables: tuple[str, ...] = ()
    """The variables of the environment that fill in its value."""
    anchors: tuple[str, ...] = ()
    """The groups that begin with this key: a link to one of them leads here."""


def keys_below(value: object, path: str, document: Document) -> Iterator[Key]:
    """Yield the keys of *value*, which is at *path* of *document*, in the order of the reference."""
    if is_single(value):
        yield _key(value, path, document)
        return
    for name, each in named(value):
        yield from keys_below(each, below(path, name), document)


def named(value: object) -> Iterator[tuple[str, object]]:
    """Yield what is in a group or a list, each with the name by which problems name it."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield field.alias or name, getattr(value, name)
    elif isinstance(value, Mapping):
        yield from ((str(name), each) for name, each in value.items())
    elif isinstance(value, (list, tuple)):
        yield from ((f"[{index}]", each) for index, each in enumerate(value))


def below(path: str, name: str) -> str:
    """Return the path of what has this *name* at *path*."""
    return f"{path}{name}" if name.startswith("[") or not path else f"{path}.{name}"


def _key(value: object, path: str, document: Document) -> Key:
    parts = parts_of(value)
    places = [f"{path}[{index}]" for index in range(len(parts))] if isinstance(value, (list, tuple)) else [path]
    written = {each: document.written[each].text or "" for each in (path, *places) if each in document.written}
    variables = [name for text in written.values() for name in VARIABLE.findall(text)]
    texts = (_shown(each, place, written.get(place, "")) for each, place in zip(parts, places, strict=False))
    return Key(path, joined(texts), _line(path, document), path not in written, tuple(dict.fromkeys(variables)))


def _line(path: str, document: Document) -> int | None:
    if path in document.written:
        return document.written[path].value[0]
    line, _ = document.place(path)
    return line if line > 1 else None  # no key can be added to what is not in the file


def _shown(value: object, path: str, written: str) -> str:
    if is_secret(path) and value not in (None, "", {}):
        return HIDDEN
    if isinstance(value, str) and VARIABLE.search(written):
        return written  # what a variable of the environment holds is often a secret
    return without_secrets(as_text(value))
