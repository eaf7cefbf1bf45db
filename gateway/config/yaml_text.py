"""Parses YAML text into plain data, with the line and column of each value; fills in ``${ENVIRONMENT}``."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import yaml

from gateway.config import yaml_words
from gateway.contract.errors import ConfigError
from gateway.contract.scalars import Unquoted

MOST_VALUES, MOST_LEVELS = 100_000, 50
"""Limits for the number of values after aliases are expanded, and for the levels of nesting."""
TAG = "tag:yaml.org,2002:"
SCALARS = {f"{TAG}{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")}
COLLECTIONS = {f"{TAG}map", f"{TAG}seq"}
MERGE, TEXT = f"{TAG}merge", f"{TAG}str"
EXPONENT = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+")
"""A number in YAML 1.2 that PyYAML reads as a text."""
OTHER_BASE = re.compile(r"[-+]?0[0-9_]+|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
"""A number in base 8 or 60 in YAML 1.1, which is hardly ever intended."""
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
NO_MAPPING = "must be a YAML mapping with listeners, destinations and routes"

Place = tuple[int, int]
"""Line and column, counted from 1."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong in the file."""

    place: Place
    path: str
    """Empty if the mistake concerns the text as a whole."""
    text: str


class NotReadable(ConfigError):  # noqa: N818 - the name describes the text
    """The text is not valid enough for further checks."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__(*(f"line {each.place[0]}, column {each.place[1]}: {each.text}" for each in mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Written:
    """Where and how a value is written in the file."""

    key: Place
    """Where its key begins; for an entry of a list, where the entry begins."""
    value: Place
    text: str | None = None
    """The value as written, if it is a scalar."""


@dataclass(slots=True)
class Document:
    """The content of a YAML text."""

    data: dict[Any, Any] = field(default_factory=dict)
    written: dict[str, Written] = field(default_factory=dict)
    """The place of each value, by its path as in problems: ``routes[0].to``."""
    mistakes: list[Mistake] = field(default_factory=list)

    def place(self, path: str, *, key: bool = False) -> Place:
        """Return the place of the value at *path*, or of its *key*; for a missing value, the place of its parent."""
        while path and path not in self.written:
            path, key = re.sub(r"(?:^|\.)[^.\[\]]*$|\[[^\]]*\]$|.$", "", path, count=1), False
        found = self.written.get(path)
        return (1, 1) if found is None else found.key if key or found.text is None else found.value


def read_yaml(text: str) -> Document:
    """Return the mapping in *text*; raises NotReadable if it is not a YAML mapping."""
    loader = yaml.SafeLoader("")
    try:
        loader = _Composer(text)
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        said = f"is not valid YAML: {yaml_words.sentence(error)}"
        raise NotReadable(Mistake(yaml_words.place(error, text), "", said)) from None
    finally:
        loader.dispose()
    if node is None:
        raise NotReadable(Mistake((1, 1), "", f"is empty; it {NO_MAPPING}"))
    if not isinstance(node, yaml.MappingNode):
        raise NotReadable(Mistake(_place(node), "", NO_MAPPING))
    builder = _Builder(loader)
    builder.document.data = builder.value(node, "")
    return builder.document


class _Composer(yaml.SafeLoader):
    """Refuses text that is nested so deeply that it would exhaust Python's stack."""

    levels = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.levels += 1
        if self.levels > MOST_LEVELS:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            said = f"is nested more than {MOST_LEVELS} levels deep; no key needs that, remove the brackets or levels"
            raise NotReadable(Mistake((mark.line + 1, mark.column + 1), "", said))
        node = super().compose_node(parent, index)
        self.levels -= 1
        return node


class _Builder:
    """Converts nodes into plain data, and records the place of each value."""

    def __init__(self, loader: yaml.SafeLoader) -> None:
        self.document = Document()
        self._loader = loader
        self._inside: set[int] = set()
        self._values = 0

    def value(self, node: yaml.Node, path: str, key: yaml.Node | None = None) -> Any:
        """Return the data of *node*, the value of *key* at *path*."""
        self._count(node)
        text = node.value if isinstance(node, yaml.ScalarNode) else None
        if path:
            self.document.written[path] = Written(_place(key or node), _place(node), text)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if node.tag not in COLLECTIONS:
            self._wrong(node, path, f"has the tag `{node.tag.removeprefix(TAG)}`, which is not known here; remove it")
        with self._entered(node, path):
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            return [self.value(each, f"{path}[{index}]") for index, each in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, path: str) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        for key, value in self._pairs(node, path):
            if not isinstance(key, yaml.ScalarNode):
                self._wrong(key, path, "has a key that is a list or a mapping; a key is a text")
                continue
            below = f"{path}.{key.value}" if path else key.value
            made[key.value] = self.value(value, below, key)  # a key is always a text, never a number or a truth value
        return made

    def _pairs(self, node: yaml.MappingNode, path: str) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """Yield the keys and values of *node*: first those that it only gets by merging (`<<`), then its own."""
        own: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        merged: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            if key.tag == MERGE:
                merged = {**self._merged(value, path), **merged}
                continue
            name = key.value if isinstance(key, yaml.ScalarNode) else str(id(key))
            if name in own:
                first, below = own[name][0], f"{path}.{key.value}".lstrip(".")
                self._wrong(key, below, f"this key is given twice, first in line {_place(first)[0]}; remove one")
            else:
                own[name] = key, value
        yield from ({**merged, **own}).values()

    def _merged(self, node: yaml.Node, path: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        made: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for each in reversed(node.value) if isinstance(node, yaml.SequenceNode) else [node]:
            self._count(each)
            if not isinstance(each, yaml.MappingNode):
                self._wrong(each, path, "`<<` takes a mapping, or a list of mappings; write `<<: *anchor`")
                continue
            with self._entered(each, path):
                made |= {str(key.value): (key, value) for key, value in self._pairs(each, path)}
        return made

    def _scalar(self, node: yaml.ScalarNode, path: str) -> Any:
        if node.tag not in SCALARS:
            self._wrong(node, path, f"has the tag `{node.tag.removeprefix(TAG)}`, which is not known here; remove it")
            return node.value
        if node.tag in {f"{TAG}int", f"{TAG}float"} and OTHER_BASE.fullmatch(node.value):
            self._wrong(node, path, _other_base(node.value))
            return node.value
        if node.tag == TEXT and node.style is None and EXPONENT.fullmatch(node.value):
            return Unquoted(node.value)
        try:
            return self._loader.construct_object(node)
        except (ValueError, OverflowError, yaml.YAMLError):
            self._wrong(node, path, "looks like a number or a date, but is not valid; put a text in quotes")
            return node.value

    @contextmanager
    def _entered(self, node: yaml.Node, path: str) -> Iterator[None]:
        if id(node) in self._inside:
            said = "contains itself: an alias (`*`) is inside the value that it names; remove it"
            raise NotReadable(Mistake(_place(node), path, said))
        self._inside.add(id(node))
        yield
        self._inside.remove(id(node))

    def _count(self, node: yaml.Node) -> None:
        self._values += 1
        if self._values > MOST_VALUES:
            said = f"has more than {MOST_VALUES:,} values once its aliases (`*`) are filled in; use fewer"
            raise NotReadable(Mistake(_place(node), "", said))

    def _wrong(self, node: yaml.Node, path: str, text: str) -> None:
        self.document.mistakes.append(Mistake(_place(node), path, text))


def _place(node: yaml.Node) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _other_base(text: str) -> str:
    if ":" in text:
        return f"{text} is a number of base 60 in YAML; write a plain number, or put a text in quotes"
    return f"{text} is a number of base 8 in YAML; write it without the leading 0, or put a text in quotes"


def fill_in(value: Any, environment: Mapping[str, str], missing: dict[str, str], path: str = "") -> Any:
    """Replace ``${NAME}`` in every string by the environment's value; add to *missing*, by path, what is not set."""
    if isinstance(value, dict):
        return {key: fill_in(each, environment, missing, f"{path}.{key}".lstrip(".")) for key, each in value.items()}
    if isinstance(value, list):
        return [fill_in(each, environment, missing, f"{path}[{index}]") for index, each in enumerate(value)]
    if not isinstance(value, str) or not VARIABLE.search(value):
        return value
    absent = sorted({name for name in VARIABLE.findall(value) if name not in environment})
    if absent:
        it = "it" if len(absent) == 1 else "them"
        missing[path] = f"the environment has no {', '.join(absent)}; set {it} or write the value here"
    return Unquoted(VARIABLE.sub(lambda match: environment.get(match[1], "unset"), value))
