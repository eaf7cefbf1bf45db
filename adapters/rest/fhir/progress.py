"""What is known of the entries of a message while it is written, in several parts or after a conflict."""

from dataclasses import dataclass, field

from adapters.rest.fhir.replies import Conflict
from adapters.rest.fhir.subjects import Anothers
from gateway.contract.outcome import Refused


@dataclass(slots=True)
class Progress:
    """What is known of the entries of a message, by their positions."""

    message_id: str
    written: set[int] = field(default_factory=set)
    """They are done with."""
    found: set[int] = field(default_factory=set)
    """The store had the resource when it was to be created."""
    is_doubted: bool = False
    """Whether a resource was another patient's when the store was read before."""

    def doubt(self, anothers: Anothers) -> Conflict | Refused:
        """Return a conflict the first time: the searches for patient and resource do not see the same moment."""
        if self.is_doubted:
            return anothers.refused
        self.is_doubted = True
        return Conflict(anothers.refused.reason, 412)
