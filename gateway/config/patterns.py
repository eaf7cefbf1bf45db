"""The patterns of routes: ``*`` stands for any text, also for none, and every other character for itself.

Whether one pattern is covered by others is decided by their automata: a position in a pattern is a state, at a ``*``
every character leads back to it. Of the positions that a text can have reached in one pattern only those from the last
``*`` on are kept, since from there everything can be matched that can be matched from a position before.
"""

import re
from collections.abc import Sequence

MOST_STEPS = 500_000
"""Steps of automata for one answer, about a second. Only many patterns with several ``*`` each need as many."""

Positions = frozenset[int]


def is_match(pattern: str, text: str) -> bool:
    """Whether *pattern* matches the whole *text*; upper and lower case differ."""
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

    The answer is exact, but where it would need more than MOST_STEPS: then it is False.
    """
    return any(_is_within(pattern, [each]) for each in others) or (len(others) > 1 and _is_within(pattern, others))


def _is_within(pattern: str, others: Sequence[str]) -> bool:
    """Look for a text that *pattern* matches and none of *others* does: walk through all automata side by side."""
    narrow, wide = _without_repeated_stars(pattern), [_without_repeated_stars(each) for each in others]
    # One character that none of the others names stands for all of those; "" is no character, and equals none.
    letters = {*"".join(wide)} - {"*"} | {""}
    start = 0, tuple(_closed(each, {0}) for each in wide)
    seen, left, steps = {start}, [start], 0
    while left:
        at, reached = left.pop()
        if any(_takes_all(each, positions) for each, positions in zip(wide, reached, strict=True)):
            continue
        if at == len(narrow):
            if not any(len(each) in positions for each, positions in zip(wide, reached, strict=True)):
                return False
            continue
        if narrow[at] == "*":
            following = [(at + 1, reached), *((at, _after(wide, reached, letter)) for letter in letters)]
        else:
            following = [(at + 1, _after(wide, reached, narrow[at]))]
        new = [each for each in dict.fromkeys(following) if each not in seen]
        seen.update(new)
        left += new
        steps += len(following) * len(wide)
        if steps > MOST_STEPS:
            return False
    return True


def _without_repeated_stars(pattern: str) -> str:
    return re.sub(r"\*+", "*", pattern)


def _after(patterns: Sequence[str], reached: Sequence[Positions], letter: str) -> tuple[Positions, ...]:
    return tuple(_step(each, positions, letter) for each, positions in zip(patterns, reached, strict=True))


def _step(pattern: str, positions: Positions, letter: str) -> Positions:
    moved = set()
    for at in positions:
        if at < len(pattern) and pattern[at] == "*":
            moved.add(at)
        elif at < len(pattern) and pattern[at] == letter:
            moved.add(at + 1)
    return _closed(pattern, moved)


def _closed(pattern: str, positions: set[int]) -> Positions:
    """Add what is reached without a character, and leave out what the last ``*`` makes superfluous."""
    stars = [at for at in positions if at < len(pattern) and pattern[at] == "*"]
    last = max(stars, default=0)
    return frozenset(at for at in (*positions, *(star + 1 for star in stars)) if at >= last)


def _takes_all(pattern: str, positions: Positions) -> bool:
    """Whether every text that goes on from here is matched."""
    return pattern.endswith("*") and len(pattern) - 1 in positions
