"""Detects patterns of routes that match no message, or not what the writer means, and says what to write instead."""

import re

from gateway.config.peer_addresses import address_problem
from gateway.contract.fhir import FHIR_FACTS
from gateway.contract.kind import Format
from gateway.contract.message import COMMON_FACTS, DICOM_FACTS, HL7_FACTS

KNOWN_FACTS = {*COMMON_FACTS, *HL7_FACTS, *DICOM_FACTS, *FHIR_FACTS}
AE_TITLES = {"calling_ae_title", "called_ae_title"}
UIDS = {"sop_class_uid", "transfer_syntax_uid"}
NUMBERS = {*UIDS, "version"}
"""Facts made of digits and dots."""
MOST_OF_AN_AE_TITLE = 16  # PS3.5 6.2

_NUMBER = re.compile(r"[0-9.*]+")
_REPEATED = re.compile(r"\.(?:[+?]|\*(?!\*))")
"""A dot that a regular expression repeats. ``.**`` is none: it says that the dot is part of the value."""
_IN_FACTS = re.compile(r"^\^|\$$|\||\\|\[[^\]]*\]")
_IN_TEXTS = re.compile(r"\||\\[dsw](?![a-z])|\\[.^$()\[\]]|\[\^?(?:[A-Za-z0-9]-[A-Za-z0-9])+\]|^\^.*\$$|\(\?")
"""What is taken for a regular expression even in free text such as names and descriptions."""
_ANY = re.compile(r"(?:\\[dDsSwW]|\[[^\]]*\])(?:[*+?]|\{[0-9,]*\})?|(?<!\\)\.[*+?]")
"""Parts of a regular expression that correspond to ``*`` in a pattern."""
_EVENT = re.compile(r"[A-Z][0-9]{2}")
_DIVIDED_OTHERWISE = re.compile(r"([A-Z]{3})[^A-Z0-9*^]+([A-Z*][A-Z0-9*]{0,2})")
_TYPE_AND_EVENT = re.compile(r"([A-Za-z0-9]+\*?)(?:\^([A-Za-z0-9*]*))?")
_MEANT_FOR_ANOTHER = re.compile(r"\?|\[[^\]]*\]")


def pattern_problem(name: str, pattern: str, gives: Format) -> str | None:
    """Return why *pattern* is wrong for the fact or field *name* of messages of the format *gives*; None if it is not.

    A fact of a kind that Hilum does not ship is treated as a field.
    """
    if name == "peer_ip":
        return address_problem(pattern)
    if not pattern and (name in KNOWN_FACTS or gives == "hl7v2"):
        return "is empty, but values are never empty; write `*` for any value, or remove the key"
    if _is_regular_expression(name, pattern):
        why = "looks like a regular expression, but only `*` (any text) is special in patterns"
        return f"{pattern!r} {why}; {_plain(name, pattern)}{_with_dot(name, pattern)}"
    if name in KNOWN_FACTS and pattern != pattern.strip():
        return f"{pattern!r} begins or ends with a blank, but no value does; write {pattern.strip()!r}"
    return _problem_of_the_value(name, pattern, gives)


def unlike_file_names(pattern: str) -> bool:
    """Whether *pattern* has ``?`` or ``[…]``, which have a special meaning in patterns for file names but not here."""
    return _MEANT_FOR_ANOTHER.search(pattern) is not None


def _problem_of_the_value(name: str, pattern: str, gives: Format) -> str | None:
    if name == "message_type":
        return _message_type_problem(pattern)
    if name == "processing_id" and pattern != pattern.upper():
        mend = f"write {pattern.upper()!r}, or instead of this key `MSH-11.1: {pattern}` for a peer with lower case"
        return f"{pattern!r} matches nothing, because codes are in upper case; {mend}"
    if name in UIDS and not _NUMBER.fullmatch(pattern):
        why = "because the value is a UID: digits and dots"
        return f"{pattern!r} matches nothing, {why}; write digits, dots, and `*` for any text"
    if name in AE_TITLES and len(pattern.replace("*", "")) > MOST_OF_AN_AE_TITLE:
        return f"{pattern!r} matches nothing, because an AE title has at most 16 characters; shorten it"
    if gives == "hl7v2" and "^" in pattern and (name in HL7_FACTS or (name not in KNOWN_FACTS and name != "MSH-2")):
        return _component_problem(name, pattern)
    return None


def _message_type_problem(pattern: str) -> str | None:
    mended = _message_type(pattern)
    if mended == pattern:
        return None
    if pattern.count("^") > 1:
        why = "the value has two components, type and event, without the structure"
    elif pattern != pattern.upper():
        why = "types and events are in upper case"
    elif "?" in pattern:
        why = "only `*` (any text) is special in patterns"
    elif mended == f"*^{pattern}":
        why = "the value begins with the type"
    elif "^" not in pattern and not mended.startswith(pattern):
        why = "type and event are separated by `^`"
    else:
        kind = pattern.strip("^")
        return (
            f"{pattern!r} matches no message that has an event; write {mended!r} for every event, or '{kind}*' to take"
            " messages without an event too"
        )
    return f"{pattern!r} matches nothing, because {why}; write {mended!r}{_in_lower_case(pattern)}"


def _in_lower_case(pattern: str) -> str:
    """Return how to express *pattern* for a peer that really sends a type or event in lower case."""
    found = _TYPE_AND_EVENT.fullmatch(pattern)
    if found is None or pattern == pattern.upper():
        return ""
    parts = {"MSH-9.1": found[1], "MSH-9.2": found[2]}
    keys = [f"`{name}: {part}`" for name, part in parts.items() if part and not part.startswith("*")]
    return f", or instead of this key {' and '.join(keys)} for a peer with lower case"


def _message_type(pattern: str) -> str:
    """Return what the writer of *pattern* probably means: type and event in upper case, ``*`` for a missing event."""
    pattern = _DIVIDED_OTHERWISE.sub(r"\1^\2", pattern.upper().replace("?", "*"))
    kind, *others = pattern.split("^")
    if not others and "*" in kind:
        return kind
    if not others and _EVENT.fullmatch(kind):
        return f"*^{kind}"
    return f"{kind}^{others[0] if others and others[0] else '*'}"


def _component_problem(name: str, pattern: str) -> str:
    if name in HL7_FACTS:
        first = pattern.partition("^")[0] or "*"
        return f"{pattern!r} matches nothing, because the value is only the first component; write {first!r}"
    return f"{pattern!r} matches nothing, because the value has no delimiters; name the component, as in {name}.2"


def _is_regular_expression(name: str, pattern: str) -> bool:
    marks = _IN_FACTS if name in KNOWN_FACTS else _IN_TEXTS
    if marks.search(pattern):
        return True
    repeated = _REPEATED.search(pattern)
    # "1.2.840.*" and "2.*" are valid patterns: the beginning of a UID and of a version.
    numbers = repeated is not None and repeated[0] == ".*" and _NUMBER.fullmatch(pattern[: repeated.start()])
    return repeated is not None and not (numbers and name != "message_type" and name not in AE_TITLES)


def _plain(name: str, pattern: str) -> str:
    """Return what to write instead: patterns that match at least what the regular expression *pattern* would match."""
    alternatives = re.sub(r"\(\?[a-z:]*|[()]", "", re.sub(r"^\^(\(.*\))\$$", r"\1", pattern)).split("|")
    parts = [_without_marks(name, each) for each in alternatives]
    parts = [each for each in dict.fromkeys(parts) if each]
    if len(parts) > 1:
        return f"write the list [{', '.join(map(repr, parts))}]"
    return f"write {parts[0]!r}" if parts and parts[0] != pattern else "write the values, with `*` for any text"


def _with_dot(name: str, pattern: str) -> str:
    """Return how to express *pattern* if its dots are part of the value, as in the application ``LAB.NORTH``."""
    marks = _IN_FACTS if name in KNOWN_FACTS else _IN_TEXTS
    doubled = re.sub(r"\.\*(?!\*)", ".**", pattern)
    if name == "message_type" or marks.search(pattern) or _REPEATED.search(doubled) or pattern.startswith("."):
        return ""
    return f", or {doubled!r} if the dot is part of the value"


def _without_marks(name: str, part: str) -> str:
    begins, ends = part.startswith("^"), part.endswith("$")
    part = part[begins:].removesuffix("$")
    part = _ANY.sub("*", part)
    part = re.sub(r"\\(.)", r"\1", part)
    if begins and not ends:
        part += "*"
    part = re.sub(r"\*+", "*", part).strip()
    return _message_type(part) if name == "message_type" and part else part
