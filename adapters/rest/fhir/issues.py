"""What an OperationOutcome says, as far as it cannot hold payload: issue codes, paths, and known words."""

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Any

import msgspec

from adapters.hl7.store_words import clean, cut
from adapters.rest.verdict.codes import CODES
from gateway.contract.fhir import RESOURCE_TYPES

MOST_ISSUES = 3
TRANSIENT = frozenset({"transient", "lock-error", "timeout", "throttled"})
"""Issue types by which a store says that time mends it, whatever the status (R4 valueset-issue-type)."""
ROOTS = frozenset({"Bundle", "entry", "resource"})
STEP = re.compile(r"[a-z][A-Za-z]{0,40}(?:\[(?:\d{1,5}|x)\])?|ofType\(([A-Z][A-Za-z]{0,40})\)")
DATATYPES = frozenset({"CodeableConcept", "Coding", "Identifier", "Period", "Quantity", "Range", "Ratio", "Reference"})
"""Those of elements with a choice of types that a path may name, besides RESOURCE_TYPES."""
QUOTED = re.compile(r"[\"'`]([A-Za-z0-9.\[\]()]{3,200})[\"'`]")


class _Outcome(msgspec.Struct):
    resourceType: Any = None  # noqa: N815 - FHIR's name
    issue: Any = None


_decode = msgspec.json.Decoder(_Outcome).decode


@dataclass(frozen=True, slots=True)
class Told:
    """What an OperationOutcome says."""

    words: str = ""
    is_transient: bool = False
    is_outcome: bool = False
    """Whether it is one at all: an answer of the store, and not of something in front of it."""


NOTHING = Told()


def read_outcome(body: bytes, kinds: Set[str]) -> Told:
    """Return what the body of an error says; *kinds* are the types of resource with which a path may begin."""
    try:
        found = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return NOTHING
    return told({"resourceType": found.resourceType, "issue": found.issue}, kinds)


def told(outcome: object, kinds: Set[str]) -> Told:
    """Return what an OperationOutcome says."""
    if not isinstance(outcome, dict) or outcome.get("resourceType") != "OperationOutcome":
        return NOTHING
    listed = outcome.get("issue")
    issues = [each for each in (listed if isinstance(listed, list) else ()) if isinstance(each, dict)]
    errors = [each for each in issues if each.get("severity") in {"fatal", "error"}] or issues
    words = dict.fromkeys(filter(None, (_words(each, kinds) for each in errors[:MOST_ISSUES])))
    is_transient = bool(errors) and all(each.get("code") in TRANSIENT for each in errors)
    return Told(cut("; ".join(words)), is_transient, is_outcome=True)


def _words(issue: dict[str, Any], kinds: Set[str]) -> str:
    code = issue.get("code")
    named = code if isinstance(code, str) and code in CODES else ""
    path = next(_paths(issue, kinds), "")
    details = issue.get("details")
    texts = [details.get("text") if isinstance(details, dict) else None, issue.get("diagnostics")]
    said = next((words for each in texts if isinstance(each, str) and (words := clean(each))), "")
    return " ".join(filter(None, (named, f"at {path}" if path else "", f"({said})" if said else "")))


def _paths(issue: dict[str, Any], kinds: Set[str]) -> Iterator[str]:
    for name in ("expression", "location"):
        listed = issue.get(name)
        for each in listed if isinstance(listed, list) else ():
            if isinstance(each, str) and is_path(each, kinds):
                yield each
    diagnostics = issue.get("diagnostics")
    yield from (each for each in _quoted(diagnostics) if is_path(each, kinds))


def _quoted(text: object) -> Iterable[str]:
    return QUOTED.findall(text[:1000]) if isinstance(text, str) else ()


def is_path(text: str, kinds: Set[str]) -> bool:
    """Whether *text* is a path to an element: it begins with a type that was sent, and has names of elements only.

    A type that FHIR does not define is a word of the sender.
    """
    root, *steps = text.split(".")
    name, _, number = root.partition("[")
    is_root = name in ROOTS or (name in kinds and name in RESOURCE_TYPES)
    is_numbered = not number or number.removesuffix("]").isdigit()
    return is_root and is_numbered and len(text) <= 100 and bool(steps or number) and all(map(_is_step, steps))


def _is_step(text: str) -> bool:
    found = STEP.fullmatch(text)
    return found is not None and (found[1] is None or found[1] in RESOURCE_TYPES or found[1] in DATATYPES)
