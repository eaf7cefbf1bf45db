"""Puts the keys of the configuration into the groups that the page shows: what is written, and the folded defaults."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from pydantic import BaseModel

from gateway.config.yaml_text import Document
from gateway.screen.settings_shown.keys import Key, below, keys_below, named
from gateway.screen.settings_shown.values import is_single

TOP = "gateway"
"""The group of the keys that are in no section."""


@dataclass(slots=True)
class Group:
    """One section of the configuration, or one entry of a section that has entries."""

    name: str
    written: list[Key] = field(default_factory=list)
    defaults: list[Key] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """The path that leads here, if it is one."""
        return "" if self.name == TOP else self.name


def grouped(config: BaseModel, document: Document) -> list[Group]:
    """Return the keys of *config*, which was read from *document*: first those of no section, then each section."""
    top, groups = Group(TOP), list[Group]()
    for name, section in named(config):
        if is_single(section):
            _fill(top, keys_below(section, name, document))
            continue
        for place, entry in _entries(name, section):
            groups.append(Group(place))
            _fill(groups[-1], keys_below(entry, place, document))
    return _anchored([top, *groups])


def found_in(groups: list[Group], text: str) -> list[Group]:
    """Return of *groups* the keys whose path or value has *text*, in upper or lower case."""
    wanted = text.casefold()
    kept = [Group(each.name, _with(each.written, wanted), _with(each.defaults, wanted)) for each in groups]
    return [each for each in kept if each.written or each.defaults]


def _anchored(groups: list[Group]) -> list[Group]:
    """Give each group of keys that has no row of its own an anchor at its first row, if possible one in the file."""
    taken = {each.name for each in groups}
    taken |= {key.path for each in groups for key in (*each.written, *each.defaults)}
    for each in groups:
        for keys in (each.written, each.defaults):
            for index, key in enumerate(keys):
                new = [above for above in _above(key.path) if above not in taken]
                taken.update(new)
                keys[index] = replace(key, anchors=tuple(new))
    return groups


def _above(path: str) -> list[str]:
    """Return the paths of all that *path* is in."""
    return [path[: found.start()] for found in re.finditer(r"[.\[]", path)]


def _entries(name: str, section: object) -> Iterator[tuple[str, object]]:
    """Yield the entries of a section with names or of a list; a section that is a group of keys is one entry."""
    if isinstance(section, Mapping) or not isinstance(section, BaseModel):
        yield from ((below(name, each), value) for each, value in named(section))
    else:
        yield name, section


def _fill(group: Group, keys: Iterator[Key]) -> None:
    for each in keys:
        (group.defaults if each.is_default else group.written).append(each)
    group.written.sort(key=lambda each: each.line or 0)


def _with(keys: list[Key], wanted: str) -> list[Key]:
    return [each for each in keys if wanted in each.path.casefold() or wanted in each.value.casefold()]
