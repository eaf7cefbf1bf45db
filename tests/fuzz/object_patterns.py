"""Patterns of object names: what is a pattern at all, and which keys it means, by another, slower way."""

from gateway.contract.wildcards import BadPattern, check, matches, may_hold, prefix_of
from tests.fuzz.source import Source


def target(data: bytes) -> None:
    """Match a pattern with a key in two ways."""
    source = Source(data)
    pattern = source.take().decode("latin-1")
    key = source.rest().decode("latin-1")[:200]
    try:
        check(pattern)
    except BadPattern:
        return
    is_meant = matches(pattern, key)
    assert is_meant == _means(pattern, key)
    if is_meant:
        assert key.startswith(prefix_of(pattern))
        assert all(may_hold(pattern, key[: at + 1]) for at, letter in enumerate(key) if letter == "/")


def _means(pattern: str, key: str) -> bool:
    """Whether *pattern* means *key*: all places in the key that each beginning of the pattern can end at."""
    ends, at = {0}, 0
    while at < len(pattern):
        if pattern.startswith("**", at):
            ends = set(range(min(ends), len(key) + 1)) if ends else set()
            at += 2
            continue
        letter = pattern[at]
        if letter == "*":
            ends = {reached for end in ends for reached in _within_part(key, end)}
        elif letter == "?":
            ends = {end + 1 for end in ends if end < len(key) and key[end] != "/"}
        else:
            ends = {end + 1 for end in ends if end < len(key) and key[end] == letter}
        at += 1
    return len(key) in ends


def _within_part(key: str, end: int) -> range:
    slash = key.find("/", end)
    return range(end, (len(key) if slash < 0 else slash) + 1)
