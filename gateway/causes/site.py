"""What of the configuration the cases need, as plain values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ListenerSite:
    """One listener."""

    kind: str
    acknowledge: str = "relay"
    """``relay`` or ``commit``."""
    ours: str = ""
    """Its AE title, if it has one."""
    destinations: frozenset[str] = frozenset()
    """The destinations of its routes."""


@dataclass(frozen=True, slots=True)
class Site:
    """One gateway."""

    gateway: str = ""
    """The name of its host."""
    data_dir: str = ""
    listeners: Mapping[str, ListenerSite] = field(default_factory=dict)
    images: frozenset[str] = frozenset()
    """The destinations that take images; the others take messages."""
    destination_contacts: Mapping[str, str] = field(default_factory=dict)
    peer_contacts: Mapping[str, str] = field(default_factory=dict)

    name_of: Callable[[str], str] = str
    """Returns the name of a SOP class, or what it was given where that has none."""

    def things(self, destination: str) -> str:
        """Return what does not reach a destination that fails."""
        return "Images" if destination in self.images else "Messages"

    def feeders(self, destination: str, acknowledge: str) -> Sequence[str]:
        """Return the listeners in that mode whose messages go to *destination*."""
        return [
            name
            for name, each in self.listeners.items()
            if destination in each.destinations and each.acknowledge == acknowledge
        ]
