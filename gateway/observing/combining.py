"""Combines mappings, lists and times of several workers."""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any, TypeVar

T = TypeVar("T")


def first(parts: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return by name what the first part says that has the name."""
    found: dict[str, str] = {}
    for part in parts:
        found = {**part, **found}
    return found


def sums(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return by name the sum of all parts."""
    found: dict[str, int] = {}
    for part in parts:
        for name, count in part.items():
            found[name] = found.get(name, 0) + count
    return found


def by_name(parts: Iterable[Mapping[str, T]], merge: Callable[[list[T]], T]) -> dict[str, T]:
    """Return by name what *merge* makes of the values of all parts."""
    found: dict[str, list[T]] = {}
    for part in parts:
        for name, each in part.items():
            found.setdefault(name, []).append(each)
    return {name: merge(each) for name, each in found.items()}


def grouped(parts: Iterable[Iterable[T]], key: Callable[[T], Any], merge: Callable[[list[T]], T]) -> list[T]:
    """Return what *merge* makes of all that have the same *key*."""
    every = sorted((each for part in parts for each in part), key=key)
    return [merge(list(group)) for _, group in groupby(every, key)]


def latest(values: Iterable[float | None]) -> float | None:
    """Return the greatest of the values that are known."""
    return max((each for each in values if each is not None), default=None)


def earliest(values: Iterable[float | None]) -> float | None:
    """Return the least of the values that are known."""
    return min((each for each in values if each is not None), default=None)
