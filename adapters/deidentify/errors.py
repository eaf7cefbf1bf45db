"""Why a message is held back."""


class HeldBackError(Exception):
    """The message may not go on: it cannot be de-identified with certainty. Its text has no octet of the message."""
