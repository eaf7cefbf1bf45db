"""The patterns of routes: ``*`` matches any text, even the empty one; every other character matches itself.

Whether one pattern is covered by others is decided with nondeterministic automata: each position in a pattern is a
state, and at a ``*`` every character leads back to the same state. Of the positions that a text can have reached in a
pattern, only those from the last ``*`` on are kept: every text that matches from an earlier position matches from
there, too.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

MOST_STEPS = 200_000
"""Most automaton steps for one answer, about half a second. Only many patterns with several ``*`` each need so many."""

Positions = frozenset[int]


def is_match(pattern: str, text: str) -> bool:
    """Whether *pattern* matches the whole *text*; the comparison is case-sensitive."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    *middle, last = rest
    at, end = len(first), len(text) - len(last)
    if at > end or not text.startswith(first) or not text.endswith(last):
        return False
    for part in middle:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True


def is_covered(pattern: str, others: Sequence[str]) -> bool:
    """Whether each text that *pattern* matches is matched by one of *others*.

    The answer is exact, unless it would need more than MOST_STEPS: then it is False.
    """
    if "*" not in pattern:
        return any(is_match(each, pattern) for each in others)
    return any(_is_within_one(pattern, each) for each in others) or (len(others) > 1 and _is_within(pattern, others))


def may_meet(pattern: str, other: str) -> bool:
    """Whether there is a text that both patterns match."""
    left, seen = [(0, 0)], {(0, 0)}
    while left:
        at, there = left.pop()
        if (at, there) == (len(pattern), len(other)):
            return True
        here, over_there = pattern[at : at + 1], other[there : there + 1]
        ways = []
        if here == "*":
            ways += [(at + 1, there), (at, there + 1)] if over_there else [(at + 1, there)]
        if over_there == "*":
            ways += [(at, there + 1), (at + 1, there)] if here else [(at, there + 1)]
        if here == over_there:
            ways.append((at + 1, there + 1))
        left += [each for each in ways if each not in seen]
        seen.update(ways)
    return False


@lru_cache(maxsize=100_000)
def _is_within_one(pattern: str, other: str) -> bool:
    return _is_within(pattern, [other])


def _is_within(pattern: str, others: Sequence[str]) -> bool:
    """Search for a text that only *pattern* matches and none of *others*, in the product of their automata."""
    narrow, wide = _without_repeated_stars(pattern), [_without_repeated_stars(each) for each in others]
    # "" represents all characters that occur in none of the others: it equals no character.
    letters = sorted({*"".join(wide)} - {"*"} | {""})
    start = State(0, tuple(_closed(each, {0}) for each in wide))
    seen, left, steps = {start}, [start], 0
    while left and steps < MOST_STEPS:
        state = left.pop()
        ways = list(zip(wide, state.reached, strict=True))
        if any(_takes_all(each, positions) for each, positions in ways):
            continue
        if state.at == len(narrow) and not any(len(each) in positions for each, positions in ways):
            return False
        following = list(_following(narrow, wide, letters, state))
        new = [each for each in dict.fromkeys(following) if each not in seen]
        seen.update(new)
        left += new
        steps += len(following) * len(wide)
    return not left


class State(NamedTuple):
    """The positions that a text has reached in each pattern."""

    at: int
    """The position in the pattern that may be covered."""
    reached: tuple[Positions, ...]
    """The positions in each of the others."""


def _following(narrow: str, wide: Sequence[str], letters: Sequence[str], state: State) -> Iterator[State]:
    """Yield the next states; the one that is nearest to the end of the pattern comes last."""
    at, reached = state
    for letter in letters if narrow[at : at + 1] == "*" else narrow[at : at + 1]:
        after = tuple(_step(each, positions, letter) for each, positions in zip(wide, reached, strict=True))
        yield State(at if narrow[at] == "*" else at + 1, after)
    if narrow[at : at + 1] == "*":
        yield State(at + 1, reached)


def _without_repeated_stars(pattern: str) -> str:
    return re.sub(r"\*+", "*", pattern)


def _step(pattern: str, positions: Positions, letter: str) -> Positions:
    moved = set()
    for at in positions:
        if at < len(pattern) and pattern[at] == "*":
            moved.add(at)
        elif at < len(pattern) and pattern[at] == letter:
            moved.add(at + 1)
    return _closed(pattern, moved)


def _closed(pattern: str, positions: set[int]) -> Positions:
    """Add the positions that are reached without a character; drop those before the last ``*``."""
    stars = [at for at in positions if at < len(pattern) and pattern[at] == "*"]
    last = max(stars, default=0)
    return frozenset(at for at in (*positions, *(star + 1 for star in stars)) if at >= last)


def _takes_all(pattern: str, positions: Positions) -> bool:
    """Whether *pattern* matches every continuation of the text."""
    return pattern.endswith("*") and len(pattern) - 1 in positions
