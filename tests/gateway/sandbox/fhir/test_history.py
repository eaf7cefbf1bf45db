"""The history of a resource."""

import pytest

from gateway.sandbox.fhir.history import history
from gateway.sandbox.fhir.interactions import Target
from gateway.sandbox.fhir.outcome import FhirError
from gateway.sandbox.fhir.session import Session
from tests.gateway.sandbox.fhir.fhir_client import patient


def test_since_and_at(session: Session) -> None:
    """``_since`` and ``_at`` choose versions by their time."""
    held = session.update(patient("p"), "p")
    for query, total in (({"_since": "2020"}, 1), ({"_since": "2999"}, 0), ({"_at": held.updated[:10]}, 1)):
        assert total == history(session, Target("Patient", "p"), query, "http://x")["total"]


@pytest.mark.parametrize("query", [{"_since": "x"}, {"_page_token": "x"}])
def test_bad_query(session: Session, query: dict[str, str]) -> None:
    """What cannot be read is a 400."""
    session.update(patient("p"), "p")
    with pytest.raises(FhirError) as raised:
        history(session, Target("Patient", "p"), query, "http://x")
    assert raised.value.status == 400
