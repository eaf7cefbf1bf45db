"""The search parameters of R4, read from the generated table ``search_parameters.txt``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("search_parameters.txt")
_STEP = re.compile(r"(?P<name>\w+)(?:\[(?P<key>\w+)=(?P<value>[^\]]*)\])?(?P<first>\[0\])?")
_PATH = re.compile(r"(?P<whole>%?)(?P<steps>[^:]*):(?P<datatype>[\w.]+)(?:\((?P<target>\w+)\))?")


@dataclass(frozen=True, slots=True)
class Step:
    """One JSON name; *key* and *value* select among its elements, *first* takes the first one."""

    name: str
    key: str = ""
    value: str = ""
    first: bool = False


@dataclass(frozen=True, slots=True)
class ElementPath:
    """The way to an element and its datatype; *target* is the one type to which a reference must point."""

    steps: tuple[Step, ...]
    datatype: str
    target: str = ""
    whole: bool = False
    """Within a composite: the path begins at the resource, not at the element of the composite."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One search parameter of one resource type."""

    type: str
    code: str
    kind: str
    paths: tuple[ElementPath, ...]
    targets: tuple[str, ...] = ()
    components: tuple["Parameter", ...] = ()


@cache
def parameters() -> Mapping[str, Mapping[str, Parameter]]:
    """Return every parameter by resource type and code."""
    lines = [line.split("\t") for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    kinds = {(kind, code): sort for kind, code, sort, _, _ in lines}
    found: dict[str, dict[str, Parameter]] = {}
    for kind, code, sort, paths, extra in lines:
        found.setdefault(kind, {})[code] = _parameter(kinds, kind, code, sort, paths, extra)
    return found


def find_parameter(resource_type: str, code: str) -> Parameter | None:
    """Return one parameter; None if R4 does not define it for the type."""
    return parameters().get(resource_type, {}).get(code)


def _parameter(
    kinds: Mapping[tuple[str, str], str], resource_type: str, code: str, kind: str, paths: str, extra: str
) -> Parameter:
    components: tuple[Parameter, ...] = ()
    if kind == "composite":
        parts = [part.partition("=") for part in extra.split(" ")]
        components = tuple(
            Parameter(resource_type, name, kinds.get((resource_type, name), "token"), _paths(text, ","))
            for name, _, text in parts
        )
    targets = tuple(extra.split()) if kind == "reference" else ()
    return Parameter(resource_type, code, kind, _paths(paths, " "), targets, components)


def _paths(text: str, separator: str) -> tuple[ElementPath, ...]:
    return tuple(_path(each) for each in text.split(separator) if each)


def _path(text: str) -> ElementPath:
    match = _PATH.fullmatch(text)
    if match is None:
        raise ValueError(f"the table of search parameters has a path that cannot be read: {text}")
    steps = tuple(
        Step(step["name"], step["key"] or "", step["value"] or "", step["first"] is not None)
        for step in _STEP.finditer(match["steps"])
    )
    return ElementPath(steps, match["datatype"], match["target"] or "", match["whole"] == "%")
