"""Why a message is held back, and why the crosswalk cannot be used."""

from gateway.contract.errors import GatewayError

INTERNAL_ERROR = "an internal error"
"""Why a message is held back at which something fails whose own text may quote it."""


class HeldBackError(Exception):
    """The message may not go on: it cannot be de-identified with certainty. Its text has no octet of the message."""


class CrosswalkError(GatewayError):
    """The crosswalk file cannot be used now: no mistake of the message, which may be tried again later."""
