"""Timers that fire late, because the process got no processor time or the machine was suspended.

An event loop runs timers before it reads sockets. After a standstill, a timer would blame a peer for its silence while
its octets wait in the socket. So whoever judges a peer by a timer that fired late looks again after a moment, once.
"""

LATE_SECONDS = 0.1
"""Later than a loop that works fires a timer."""
LOOK_AGAIN_SECONDS = 0.01
"""Time for the event loop to read the sockets."""


def is_late(due: float, now: float) -> bool:
    """Return whether a timer for *due* that fires at *now*, both in seconds of the same clock, is late."""
    return now - due >= LATE_SECONDS
