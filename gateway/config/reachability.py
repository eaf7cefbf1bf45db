"""Decides whether a route can get a message, or earlier routes take every message that it would take.

A route takes a message if, for each name in its ``when``, the value matches one of the patterns. So a message that only
the later route takes is found by choosing, for each earlier route, one name whose value does not match that route; the
value of each name can be chosen independently. This module knows nothing of messages, listeners or files.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from gateway.config import patterns, peer_addresses

Wanted = Mapping[str, Sequence[str]]
"""Each name with its patterns, one of which must match the value. Other names may have any value or none."""

MOST_TRIES = 1_000
"""Most choices that are tried for one route. Only many routes with many names each need so many."""


def covering(route: Wanted, earlier: Sequence[Wanted]) -> list[int]:
    """Return which of the *earlier* routes together take everything that *route* takes; none if a message is left.

    If a single route takes everything, only that one is returned. If MOST_TRIES is exceeded, the result is empty.
    """
    rivals = [index for index, each in enumerate(earlier) if each.keys() <= route.keys() and _meet(each, route)]
    for index in rivals:
        if covers(earlier[index], route):
            return [index]
    if not _is_nothing_left(route, [earlier[index] for index in rivals]):
        return []
    for index in tuple(rivals):
        fewer = [each for each in rivals if each != index]
        if _is_nothing_left(route, [earlier[each] for each in fewer]):
            rivals = fewer
    return rivals


def covers(wide: Wanted, narrow: Wanted) -> bool:
    """Whether the route with the conditions *wide* takes everything that the one with *narrow* takes."""
    return all(name in narrow and _are_covered(name, narrow[name], wide[name]) for name in wide)


def _is_nothing_left(route: Wanted, rivals: Sequence[Wanted]) -> bool:
    """Whether *rivals* take every message that *route* takes; they have only names that *route* has, too."""
    tries = 0

    def left(index: int, unwanted: Mapping[str, tuple[str, ...]]) -> Iterator[None]:
        nonlocal tries
        tries += 1
        if index == len(rivals) or tries > MOST_TRIES:
            yield
            return
        for name, wanted in rivals[index].items():
            together = (*unwanted.get(name, ()), *wanted)
            if not _are_covered(name, route[name], together):
                yield from left(index + 1, {**unwanted, name: together})

    return not any(True for _ in left(0, {}))


def _meet(wide: Wanted, narrow: Wanted) -> bool:
    """Whether both may take the same message; *wide* has only names that *narrow* has, too."""
    return all(_may_meet(name == "peer_ip", tuple(narrow[name]), tuple(wide[name])) for name in wide)


def _are_covered(name: str, narrow: Sequence[str], wide: Sequence[str]) -> bool:
    return all(_is_covered(name == "peer_ip", each, tuple(wide)) for each in narrow)


@cache
def _is_covered(are_addresses: bool, pattern: str, others: tuple[str, ...]) -> bool:
    if are_addresses:
        return peer_addresses.is_covered(pattern, others)
    return patterns.is_covered(pattern, others)


@cache
def _may_meet(are_addresses: bool, narrow: tuple[str, ...], wide: tuple[str, ...]) -> bool:
    may_meet = peer_addresses.may_meet if are_addresses else patterns.may_meet
    return any(may_meet(one, other) for one in narrow for other in wide)
