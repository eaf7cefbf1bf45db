"""The outline of a payload: its parts by name and length, without their values, for operators who may not read it."""

from collections.abc import Callable, Sequence

from gateway.contract.records import record

MOST_OCTETS = 2**20
"""An outline is made of the first octets of a payload."""
MOST_PARTS = 2000
"""The most parts of an outline: more cannot be read by a person."""


@record
class Part:
    """One field, element or value."""

    place: str
    """As the standard of the format writes it: ``PID-5``, ``(0010,0010)``, ``Patient.birthDate``."""
    name: str
    """As the standard calls it; empty if it does not know it. Never text from the payload."""
    octets: int
    detail: str = ""
    """What else is known without a value, such as ``2 repetitions`` or a value representation."""


Outline = Callable[[bytes], Sequence[Part]]
"""Returns the outline of a payload that begins with these octets. Never raises: what is not understood is left out."""
