"""What somebody looks for in the journal, and what is found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.contract.journal import Row
from gateway.journal.schema import OUTCOMES

NOT_STORED = "not_stored"
"""In place of an outcome: all that are unusual, so neither stored nor committed."""
ASKED_OUTCOMES = (*OUTCOMES, NOT_STORED)
MOST_PER_PAGE = 500
PAGE = 50


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions that all must be met; an empty one is none."""

    identifier: str = ""
    """A control ID, a SOP Instance UID, or a message ID, as a whole."""
    uid_prefix: str = ""
    """The beginning of a control ID or UID."""
    peer: str = ""
    listener: str = ""
    destination: str = ""
    outcome: str = ""
    """One of ASKED_OUTCOMES."""
    since: float | None = None
    """In seconds since the epoch; inclusive."""
    until: float | None = None
    """Exclusive."""
    before: int | None = None
    """Only rows before this place: the ``next`` of the page before."""
    limit: int = PAGE


class Found(NamedTuple):
    """A row, and its place."""

    seq: int
    row: Row


@dataclass(frozen=True, slots=True)
class Page:
    """Rows that were found, the newest first. There is no total: to count the rows of a busy peer takes too long."""

    found: Sequence[Found]
    next: int | None = None
    """The ``before`` of the next page; None where nothing more can be found."""
    searched_back_to: float | None = None
    """If the time for a page was over before it was full: the time back to which everything was looked at."""
    unread: Sequence[str] = ()
    """Names of segments that cannot be read."""
