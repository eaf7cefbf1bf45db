"""What was done to one object: by which rule, how often, and never a value of it."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Manifest:
    """The record of one transformation, for the report and the audit trail."""

    policy: str
    """The profile and its options, with the edition of its table: ``PS3.15 basic 2025a, retain_device_identity``."""
    key: str
    """The fingerprint of the key of the pseudonyms."""
    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By rule (``PS3.15``, ``VR``, ``own identifier``, ``private``, …) and action (``removed``, ``emptied``,
    ``replaced``, ``shifted``, ``hashed``, ``kept``, ``redacted``): how many elements, fields or regions."""
    skipped: list[str] = field(default_factory=list)
    """Layers of the policy that were not applied, such as ``pixels``: then Patient Identity Removed is not set."""

    notes: tuple[str, ...] = ()
    """Where the policy does more than was asked for: the report of Google's dialect."""

    def note(self, rule: str, action: str) -> None:
        """Count one element, field or region."""
        self.done[rule, action] += 1
