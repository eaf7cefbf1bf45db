"""Patterns of object names, by the rules of Google's imports (``gcsSource.uri`` of the Cloud Healthcare API).

* ``*`` stands for any characters but the separator ``/``, or for none;
* ``?`` stands for exactly one character but the separator;
* ``**`` stands for any characters, the separator included. It is the end of the pattern, or only an extension follows
  (``dir/**.dcm``), and no other wildcard stands beside it;
* a name without a wildcard is that one object.

Every other character, brackets and braces too, stands for itself.

Source: https://cloud.google.com/healthcare-api/docs/how-tos/dicom-import-export ("Importing DICOM objects").
"""

import re
from functools import lru_cache

SEPARATOR = "/"
MOST_CHARACTERS = 1024
"""No object of S3 or GCS has a longer name: 1024 octets in UTF-8."""
MOST_WILDCARDS = 32
"""More of them would make one match take long; nobody needs them."""
EXTENSION = re.compile(r"\.[^/*?]+")
WILDCARD = re.compile(r"\*\*|\*|\?")
MEANING = {"**": r".*", "*": r"[^/]*", "?": r"[^/]"}


class BadPattern(ValueError):  # noqa: N818  it names what is wrong
    """The pattern is against the rules. The text says why and how to write it, without the pattern itself."""


def check(pattern: str) -> str:
    """Return *pattern*; raises BadPattern with the reason if it is none."""
    if not pattern:
        raise BadPattern("is empty; write the name of an object, or a pattern such as dir/*.dcm")
    if len(pattern) > MOST_CHARACTERS:
        raise BadPattern(f"is longer than {MOST_CHARACTERS} characters; no object has such a name")
    wildcards = WILDCARD.findall(pattern)
    if len(wildcards) > MOST_WILDCARDS:
        raise BadPattern(f"has more than {MOST_WILDCARDS} wildcards; write fewer")
    if "**" in wildcards:
        if len(wildcards) > 1:
            raise BadPattern("has ** beside another wildcard; write one ** alone, such as dir/**.dcm")
        behind = pattern.partition("**")[2]
        if behind and not EXTENSION.fullmatch(behind):
            raise BadPattern("has ** in its middle; write it at the end, or before an extension, such as dir/**.dcm")
    return pattern


def matches(pattern: str, key: str) -> bool:
    """Whether *pattern* means the object *key*; raises BadPattern."""
    return _compiled(pattern).fullmatch(key) is not None


def prefix_of(pattern: str) -> str:
    """Return how the names of all objects that *pattern* means begin, for a listing."""
    found = WILDCARD.search(pattern)
    return pattern[: found.start()] if found else pattern


def has_wildcard(pattern: str) -> bool:
    """Whether *pattern* can mean several objects."""
    return WILDCARD.search(pattern) is not None


def may_hold(pattern: str, folder: str) -> bool:
    """Whether an object that *pattern* means can lie in *folder* or below it; the folder ends with the separator."""
    prefix = prefix_of(pattern)
    if not (folder.startswith(prefix) or prefix.startswith(folder)):
        return False
    return "**" in pattern or folder.count(SEPARATOR) <= pattern.count(SEPARATOR)


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    check(pattern)
    parts, end = [], 0
    for found in WILDCARD.finditer(pattern):
        parts += [re.escape(pattern[end : found.start()]), MEANING[found.group()]]
        end = found.end()
    return re.compile("".join([*parts, re.escape(pattern[end:])]), re.DOTALL)
