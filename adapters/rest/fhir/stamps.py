"""What Hilum keeps with a resource to merge later messages: who said what of it, and when that was so.

It is one extension of ``meta`` with a JSON object, because servers differ in what they keep there: some drop the second
extension with the same URL, references, or nested extensions. It names elements and times, and no values.

* ``key``: the key of the thing, by which it is found among several with the same identifier.
* ``named``: there is nothing but messages that named the thing only; the time of the one whose content it has.
* ``said``: by time, the elements that the message of that time replaced or removed. ``*`` is the whole resource.
  ``telecom(use=work)`` is a part of a list that a newer message has kept (``shares``).
* ``items``: by time, items that were added to lists; ``unlinked``: by time, patients to which links were removed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any

import msgspec

from adapters.rest.fhir.bodies import Json
from adapters.rest.fhir.elements import head
from adapters.rest.fhir.times import is_ahead, is_older, later

URL = "urn:hilum:fhir:merged"
WHOLE = "*"
MOVED = "subject.moved"
"""What is said when a resource becomes that of another patient."""
_encode = msgspec.json.Encoder(order="deterministic").encode
_canonical = msgspec.json.Encoder(order="deterministic", decimal_format="number").encode
Times = dict[str, str]
"""Times by the name of what they are of."""


@dataclass(slots=True)
class Stamps:
    """What is kept with one resource."""

    key: str = ""
    named: str | None = None
    said: Times = field(default_factory=dict)
    items: Times = field(default_factory=dict)
    unlinked: Times = field(default_factory=dict)

    @classmethod
    def of(cls, resource: Json) -> "Stamps":
        """Return what is kept with a resource; nothing if it was written by others."""
        kept = _kept(resource)
        named = kept.get("named")
        return cls(
            key=kept["key"] if isinstance(kept.get("key"), str) else "",
            named=("" if is_ahead(named, datetime.now(UTC)) else named) if isinstance(named, str) else None,
            said=_by_name(kept.get("said")),
            items=_by_name(kept.get("items")),
            unlinked=_by_name(kept.get("unlinked")),
        )

    @property
    def is_stub(self) -> bool:
        """Whether messages have only named the thing."""
        return self.named is not None

    def accepts(self, name: str, as_of: str) -> bool:
        """Whether a message of that time may change an element."""
        return not is_older(as_of, self.said.get(head(name)) or self.said.get(WHOLE, ""))

    def say(self, name: str, as_of: str) -> None:
        """Keep that a message of that time changed an element."""
        _put(self.said, head(name), as_of)

    def add(self, item: str, as_of: str) -> None:
        """Keep that a message of that time added an item."""
        _put(self.items, item, as_of)

    def unlink(self, key: str, as_of: str) -> None:
        """Keep that a message of that time removed the links to a patient."""
        _put(self.unlinked, key, as_of)

    def write(self, resource: Json) -> None:
        """Keep it with a resource."""
        kept: Json = {"key": self.key} if self.key else {}
        if self.named is not None:
            kept["named"] = self.named
        for name, times in (("said", self.said), ("items", self.items), ("unlinked", self.unlinked)):
            if times:
                kept[name] = _by_time(times)
        meta = dict(resource.get("meta") or {})
        others = [each for each in meta.get("extension", ()) if each.get("url") != URL]
        meta["extension"] = [*others, {"url": URL, "valueString": _encode(kept).decode()}]
        resource["meta"] = meta


def item_name(element: str, item: Any) -> str:
    """Return the name of an item of a list: that of a link by the patient and its type, others by their content."""
    if element == "link" and isinstance(item, dict):
        other = item.get("other")
        return f"link {other.get('reference', '') if isinstance(other, dict) else ''} {item.get('type', '')}"
    return f"{element} {sha1(_canonical(item), usedforsecurity=False).hexdigest()[:16]}"


def _put(times: Times, name: str, as_of: str) -> None:
    if as_of:
        times[name] = later(as_of, times[name]) if name in times else as_of


def _kept(resource: Json) -> Json:
    meta = resource.get("meta")
    listed = meta.get("extension") if isinstance(meta, dict) else None
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and each.get("url") == URL:
            try:
                kept = msgspec.json.decode(each.get("valueString", ""))
            except (msgspec.DecodeError, TypeError, RecursionError):
                return {}
            return kept if isinstance(kept, dict) else {}
    return {}


def _by_time(times: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in sorted(times):
        found.setdefault(times[name], []).append(name)
    return found


def _by_name(kept: object) -> Times:
    """Return the times by name; one in the future is that of a wrong clock, and is not known."""
    if not isinstance(kept, dict):
        return {}
    now = datetime.now(UTC)
    listed = [(time, names) for time, names in kept.items() if isinstance(names, list) and not is_ahead(time, now)]
    pairs = ((name, time) for time, names in listed for name in names)
    return {name: time for name, time in pairs if isinstance(name, str)}
