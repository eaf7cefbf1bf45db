"""What ``/api/v1/explain`` answers: what happened to a peer, a message or a destination, in words.

A time within a sentence is in UTC as ``2026-11-29T02:07:00Z``; whoever shows the sentence shows it in local time.
"""

from typing import TypedDict


class Step(TypedDict):
    """Something that happened at a time."""

    at: float
    text: str


class Part(TypedDict):
    """One thing that is explained, such as one association."""

    title: str
    table: list[list[str]]
    """Rows of cells, without a head."""
    steps: list[Step]
    """A timeline, the earliest first."""
    words: list[str]
    """Paragraphs."""


class Explanation(TypedDict):
    """The body of ``/api/v1/explain``."""

    at: float
    subject_kind: str
    """``peer`` | ``message`` | ``destination``."""
    subject: str
    found: bool
    """Whether anything is known of it."""
    parts: list[Part]
    mends: list[str]
    """What to do, each a sentence."""


def part(title: str, *words: str, table: list[list[str]] | None = None, steps: list[Step] | None = None) -> Part:
    """Return a part."""
    return Part(title=title, table=table or [], steps=steps or [], words=[each for each in words if each])
