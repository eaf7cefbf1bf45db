"""What an operator says of single peers: whom to call, and when their silence is expected."""

from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.contract.settings import Seconds, Settings

Contact = Annotated[str, StringConstraints(max_length=200)]


class KnownPeer(Settings):
    """A peer, by the name that operators see: its AE title, `MSH-3|MSH-4`, or its IP address."""

    contact: Contact = ""
    """Whom to call when it is not as usual, such as `Laboratory IT, 4730`; shown with its cases."""
    silence_after: Seconds | None = Field(default=None, gt=0)
    """Seconds without a message after which it counts as silent; by default Hilum learns what is usual."""
