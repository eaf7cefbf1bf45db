"""What a peer gets over HTTP, and what is wrong with a request that gets nothing else."""

from dataclasses import field

from gateway.contract.meter import Rejection
from gateway.contract.records import record

Headers = tuple[tuple[str, str], ...]


@record
class Answer:
    """A response."""

    status: int
    headers: Headers = ()
    body: bytes = field(default=b"", repr=False)


@record
class Problem:
    """Why a request is answered by Hilum itself. It never has an octet of the request."""

    status: int
    code: str
    """A code of FHIR's value set issue-type."""
    text: str
    """A sentence for the peer and the log."""
    rejection: Rejection | None = None
    """What is counted, unless the peer has only asked for what is not there."""
    headers: Headers = ()
