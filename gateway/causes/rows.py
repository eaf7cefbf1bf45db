"""One row of the table of causes: what operators read, and how its sentences are filled in."""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

Facts = Mapping[str, str]
"""By name, what is known of a case: the details of its diagnosis and what ``gateway.causes`` adds to them."""

STATES = ("stopped", "rejected", "silent", "slow", "parked", "ends_soon", "warned")
"""The states of a case, the most urgent first."""
LEVELS = ("red", "amber", "blue")
"""The levels of a case: it is stopped; it needs somebody; it is good to know."""
SIDES = ("store", "peer", "here", "network")


@dataclass(frozen=True, slots=True)
class Deed:
    """A verb of a row."""

    name: str
    """``retry``, ``discard``, ``show`` or ``show_line``."""
    label: str
    target: Mapping[str, str]
    """Its values are templates."""
    helps: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """What there is to say of one cause.

    Each text is a template with names in braces. Where there are several, the first one whose names are all known is
    taken; the last one needs nothing that may be missing.
    """

    state: str
    side: str
    title: str | tuple[str, ...]
    why: str | tuple[str, ...]
    now: str | tuple[str, ...]
    """The mend: one or two sentences."""
    level: str = "amber"
    effect: str | tuple[str, ...] = ""
    """Of a destination, ``gateway.causes.effects`` says it."""
    deeds: tuple[Deed, ...] = ()
    details: tuple[str, ...] = ()
    """Names that a diagnosis of this cause may have among its details, besides those of every case."""

    @property
    def texts(self) -> tuple[tuple[str, ...], ...]:
        """All texts, each with its alternatives."""
        return tuple(map(_alternatives, (self.title, self.why, self.now, self.effect)))


def fill(text: str | tuple[str, ...], facts: Facts) -> str:
    """Return the first of the alternatives of *text* whose names are all in *facts*, filled in."""
    alternatives = _alternatives(text)
    for each in alternatives:
        if names_in(each) <= facts.keys():
            return each.format_map(facts)
    return alternatives[-1].format_map({**dict.fromkeys(names_in(alternatives[-1]), "?"), **facts})


@lru_cache(maxsize=1000)
def names_in(text: str) -> frozenset[str]:
    """Return the names in a template."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


def _alternatives(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else text
