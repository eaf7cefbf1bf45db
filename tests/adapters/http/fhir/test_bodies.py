"""Whether a body can be what the request asks for."""

import pytest

from adapters.fhir.message import facts_of
from adapters.http.fhir.bodies import NOT_A_RESOURCE, NOT_EXECUTED, NOTHING, TOO_MUCH, problem_of
from adapters.http.fhir.well_formed import TOO_DEEP, TWICE
from gateway.contract.fhir import Interaction
from gateway.contract.meter import Rejection

CREATE, PATCH = Interaction("POST", "Patient"), Interaction("PATCH", "Patient/1")
DELETE, EXECUTE = Interaction("DELETE", "Patient/1"), Interaction("POST", "")
CASES = {
    "a resource": (CREATE, b'{"resourceType":"Patient"}', None),
    "a patch": (PATCH, b'[{"op":"remove","path":"/x"}]', None),
    "a patch as Parameters": (PATCH, b'{"resourceType":"Parameters"}', None),
    "a deletion": (DELETE, b"", None),
    "a transaction": (EXECUTE, b'{"resourceType":"Bundle","type":"transaction"}', None),
    "a batch": (EXECUTE, b'{"resourceType":"Bundle","type":"batch"}', None),
    "a bundle that is stored": (Interaction("POST", "Bundle"), b'{"resourceType":"Bundle","type":"collection"}', None),
    "nothing": (CREATE, b" \r\n", NOTHING),
    "a deletion with a body": (DELETE, b"{}", TOO_MUCH),
    "a list": (CREATE, b"[]", NOT_A_RESOURCE),
    "a resource at the base": (EXECUTE, b'{"resourceType":"Patient"}', NOT_EXECUTED),
    "a collection at the base": (EXECUTE, b'{"resourceType":"Bundle","type":"collection"}', NOT_EXECUTED),
    "a bundle without a type": (EXECUTE, b'{"resourceType":"Bundle"}', NOT_EXECUTED),
}


@pytest.mark.parametrize(("interaction", "body", "problem"), CASES.values(), ids=CASES)
def test_bodies(interaction: Interaction, body: bytes, problem: object) -> None:
    """Each interaction has the body that it needs."""
    assert problem == problem_of(interaction, body, facts_of(body, interaction))


def test_flaws() -> None:
    """A body that is not well-formed is a 400, and is counted."""
    for body, text, code, counted in (
        (b'{"a":1,"a":1}', TWICE, "structure", Rejection.PROTOCOL_ERROR),
        (b"[" * 200 + b"]" * 200, TOO_DEEP, "too-long", Rejection.TOO_MANY_ITEMS),
    ):
        found = problem_of(PATCH, body, {})
        assert found is not None
        assert (400, code, text, counted) == (found.status, found.code, found.text, found.rejection)
