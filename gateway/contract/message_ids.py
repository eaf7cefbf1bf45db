"""Names of messages (``Message.message_id``)."""

import itertools
import secrets
from collections.abc import Callable


def id_source() -> Callable[[], str]:
    """Return a function whose every call gives a new name of 20 characters, unique among all processes."""
    prefix = secrets.token_hex(6)
    count = itertools.count(1)
    return lambda: f"{prefix}{next(count) & 0xFFFFFFFF:08x}"
