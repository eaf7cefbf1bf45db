"""Small words that templates need."""

from urllib.parse import quote

SIDES = {"store": "Store side", "peer": "Peer side", "here": "Here", "network": "Network"}


def side(name: str) -> str:
    """Return whose side a cause is on, for people."""
    return SIDES.get(name, name)


def in_path(name: str) -> str:
    """Return *name* as one segment of a path: a peer may be called ``../spool`` or ``HIS|WARD``."""
    quoted = quote(name, safe="")
    return quoted.replace(".", "%2E") if set(name) == {"."} else quoted  # a browser would resolve . and ..


def our_address(address: str) -> str:
    """Return *address* if it is a path of this port; otherwise the first screen, so that no link leads elsewhere."""
    ours = address.startswith("/") and not address.startswith("//") and "\\" not in address and address.isprintable()
    return address if ours else "/"


def without_full_stop(sentence: str) -> str:
    """Return *sentence* as a title."""
    return sentence.strip().removesuffix(".")
