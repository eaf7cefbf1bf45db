"""The definitions of the HL7 versions, from hl7apy. Imported in validation processes only, because it takes memory.

Only hl7apy's definitions are used, not its validator, which names no place in the message, stops at the first error,
quotes values, checks neither the order of segments nor the form of numbers, and refuses ``MSH-2`` with five characters.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import hl7apy

from adapters.hl7.validation.events import structures_of
from adapters.hl7.validation.grammar import Definition, Grammar

VERSIONS = frozenset(hl7apy.SUPPORTED_LIBRARIES)


@dataclass(frozen=True, slots=True)
class Library:
    """One version of HL7; message structures of a profile replace those of the version."""

    version: str
    messages: Mapping[str, Definition]
    segments: Mapping[str, Definition]
    datatypes: Mapping[str, Any]
    tables: Mapping[str, tuple[str, Collection[str]]]
    _grammars: dict[str, Grammar] = field(default_factory=dict)

    def structure(self, message_type: str, event: str, named: str) -> str | None:
        """Return the structure of a message whose ``MSH-9`` is *message_type*, *event* and *named*, or None."""
        candidates = (named, *structures_of(message_type, event))
        return next((each for each in candidates if each in self.messages), None)

    def has_type(self, message_type: str) -> bool:
        """Return whether there is any structure for *message_type*."""
        return any(name.partition("_")[0] == message_type for name in self.messages)

    def grammar(self, structure: str) -> Grammar:
        """Return the structure of this name as an automaton."""
        if structure not in self._grammars:
            self._grammars[structure] = Grammar(self.messages[structure])
        return self._grammars[structure]


def library(version: str, profile: Mapping[str, Definition]) -> Library | None:
    """Return *version*, or the one it is a minor version of if it is unknown (2.5.2: 2.5), or None."""
    known = nearest(version)
    if known is None:
        return None
    elements = _elements(known)
    return Library(
        known,
        {**elements["Message"], **profile},
        elements["Segment"],
        elements["Datatypes_Structs"],
        elements["Table"],
    )


def nearest(version: str) -> str | None:
    """Return the name of the version whose definitions are used for *version*, or None."""
    parts = version.split(".", 3)
    names = (".".join(parts[:count]) for count in range(min(len(parts), 3), 1, -1))
    return next((name for name in names if name in VERSIONS), None) if _is_plain(version) else None


def _is_plain(version: str) -> bool:
    return all(part.isdecimal() for part in version.split("."))


@cache
def _elements(version: str) -> Any:
    return hl7apy.load_library(version).ELEMENTS
