"""How often an address may try to sign in: a token cannot be guessed, and guessing must not cost anything either."""

from collections import OrderedDict, deque
from ipaddress import IPv6Address, ip_address, ip_network

MOST = 10
WITHIN_SECONDS = 60.0
ADDRESSES = 1000
"""Addresses that are remembered; beyond that, the one that has failed longest ago is forgotten."""


class Attempts:
    """The failed attempts of the last minute, by address."""

    def __init__(self) -> None:
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, address: str | None, now: float) -> float:
        """Return for how many seconds *address* may not try; 0 if it may."""
        failed = self._failed.get(_who(address))
        if failed is None or len(failed) < MOST:
            return 0.0
        return max(0.0, failed[0] + WITHIN_SECONDS - now)

    def failed(self, address: str | None, now: float) -> None:
        """Remember that an attempt of *address* has failed."""
        who = _who(address)
        self._failed.setdefault(who, deque(maxlen=MOST)).append(now)
        self._failed.move_to_end(who)
        while len(self._failed) > ADDRESSES:
            self._failed.popitem(last=False)


def _who(address: str | None) -> str:
    """Return whom the attempts of *address* count for: a host has all addresses of an IPv6 /64."""
    try:
        parsed = ip_address((address or "").partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
