"""What the commands ask of a step that de-identifies: its policy for a report, names for files, and the way back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Release:
    """A step as a report names it, without an identifier."""

    policies: Mapping[str, str]
    """By format, the profile with its options and the edition of its table."""
    pseudonyms: str
    """``keyed`` or ``random``."""
    key: str
    """The fingerprint of the key."""
    settings: str
    """A digest of the key and of all settings and domains: two steps with the same digest make the same of a file."""
    name_of: Callable[[str], str]
    """Returns a keyed digest of a name, from which nobody without the key finds the name."""


@dataclass(frozen=True, slots=True)
class Original:
    """What a pseudonym stands for: it names a patient, so it is printed for who has asked, and never logged."""

    purpose: str
    """What the identifier names: ``patient``, ``uid``, ``accession``, …"""
    domain: str
    value: str


Reidentify = Callable[[str], Original | None]
"""Returns what a pseudonym stands for, or None if it is not known."""
