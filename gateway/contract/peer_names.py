"""The names by which operators know peers: the AE title, ``MSH-3|MSH-4``, or the IP address if nothing else is known.

What comes from the wire may be anything, so a name is short, and each character that cannot be printed is replaced.
"""

from functools import lru_cache

LONGEST_AE_TITLE = 16
LONGEST_SENDER = 40
MOST_REMEMBERED = 4096
"""Names that are remembered, because most messages come from few senders."""


def by_ae_title(title: str, peer_ip: str) -> str:
    """Return the name of a peer with this AE title."""
    return printable(title, LONGEST_AE_TITLE) or peer_ip


@lru_cache(MOST_REMEMBERED)
def by_sender(application: str, facility: str, peer_ip: str) -> str:
    """Return the name of a peer that sends HL7 with these ``MSH-3`` and ``MSH-4``; either may be empty."""
    names = printable(application, LONGEST_SENDER), printable(facility, LONGEST_SENDER)
    return "|".join(names)[:LONGEST_SENDER] if any(names) else peer_ip


def printable(text: str, most: int) -> str:
    """Return at most *most* characters of *text*, without blanks at its ends; what cannot be printed becomes ``?``."""
    kept = text[: 4 * most].strip()[:most]
    return kept if kept.isprintable() else "".join(each if each.isprintable() else "?" for each in kept)
