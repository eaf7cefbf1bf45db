"""Whether the body of a request can be what the request asks for. Whether it is FHIR, the store decides."""

from collections.abc import Mapping

from adapters.fhir.message import EXECUTED
from adapters.http.answers import Problem
from adapters.http.fhir.well_formed import TOO_DEEP, flaw_of, is_object
from gateway.contract.fhir import Interaction
from gateway.contract.meter import Rejection

NOTHING = Problem(400, "required", "the request has no body")
TOO_MUCH = Problem(400, "structure", "a DELETE has no body")
NOT_A_RESOURCE = Problem(400, "structure", "the body is no resource: it is not a JSON object")
NOT_EXECUTED = Problem(
    400, "structure", "a POST to the base takes a Bundle of type transaction or batch; post a resource to its type"
)


def problem_of(interaction: Interaction, body: bytes, facts: Mapping[str, str]) -> Problem | None:
    """Return why *body* is not passed on; None if it is. *facts* are those that it says."""
    if interaction.method == "DELETE":
        return TOO_MUCH if body else None
    if not body.strip():
        return NOTHING
    flaw = flaw_of(body)
    if flaw is not None:
        code = "too-long" if flaw == TOO_DEEP else "structure"
        return Problem(400, code, flaw, Rejection.TOO_MANY_ITEMS if flaw == TOO_DEEP else Rejection.PROTOCOL_ERROR)
    if interaction.method != "PATCH" and not is_object(body):
        return NOT_A_RESOURCE
    if not interaction.url and facts["interaction"] not in EXECUTED:
        return NOT_EXECUTED
    return None
