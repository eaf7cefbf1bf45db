"""Makes one case from its cause, its subject and the facts; the row of the table gives the words."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from gateway.causes.rows import Deed, fill
from gateway.causes.table import TABLE
from gateway.causes.wording import plain, printable
from gateway.contract.causes import Cause
from gateway.contract.observed import Case, Verb

OF_HELD = frozenset({"retry", "discard"})
"""Verbs that need messages in the spool."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a case is about."""

    kind: str
    """``destination``, ``peer``, ``listener`` or ``gateway``."""
    name: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A cause that lasts, with all that its sentences may say."""

    cause: Cause
    subject: Subject
    since: float
    facts: Mapping[str, str] = field(default_factory=dict)
    """Plain text by name; ``subject`` is added."""
    proof: str = ""
    """What was counted or measured, in small print."""
    effect: str = ""
    """In place of that of the row."""
    level: str = ""
    """In place of that of the row."""
    is_held: bool = True
    """Whether messages of it are in the spool; otherwise there is nothing to retry or to discard."""
    key: str = ""
    """Tells apart several cases of one cause and subject."""


def case_of(found: Found) -> Case:
    """Return the case as the API sends it."""
    row, subject = TABLE[found.cause], found.subject
    name = plain(subject.name)
    facts = {"subject": name, "subject_in_path": quote(name, safe=""), **found.facts}
    return Case(
        id=_id(row.state, found.cause, subject, found.key),
        state=row.state,
        level=found.level or row.level,
        cause=found.cause.value,
        subject_kind=subject.kind,
        subject=plain(subject.name),
        since=found.since,
        side=row.side,
        title=printable(fill(row.title, facts)),
        why=printable(fill(row.why, facts)),
        proof=printable(found.proof),
        effect=printable(found.effect or fill(row.effect, facts)),
        now=printable(fill(row.now, facts)),
        contact=subject.contact,
        verbs=[_verb(each, facts) for each in row.deeds if found.is_held or each.name not in OF_HELD],
    )


def _verb(deed: Deed, facts: Mapping[str, str]) -> Verb:
    target = {name: fill(value, facts) for name, value in deed.target.items()}
    return Verb(name=deed.name, label=deed.label, helps=deed.helps, target=target)


def _id(state: str, cause: Cause, subject: Subject, key: str) -> str:
    text = "\0".join((state, cause.value, subject.kind, subject.name, key))
    return hashlib.blake2b(text.encode(errors="backslashreplace"), digest_size=6).hexdigest()
