"""What is known of the entries of a message."""

from adapters.rest.fhir.progress import Progress
from adapters.rest.fhir.replies import Conflict
from adapters.rest.fhir.subjects import Anothers
from gateway.contract.outcome import Refused


def test_doubt() -> None:
    """What is another patient's is read again once, because two searches do not see the same moment."""
    progress, anothers = Progress("1"), Anothers(frozenset({"Patient/1"}), Refused("another patient's"))
    assert [Conflict("another patient's", 412), anothers.refused] == [progress.doubt(anothers) for _ in range(2)]
