"""The kind ``hl7v2_to_fhir``."""

from adapters.fhir.kind import HL7V2_TO_FHIR
from adapters.fhir.report import Reason


def test_kind() -> None:
    """The kind takes HL7v2, gives FHIR, and counts by reason."""
    assert (frozenset({"hl7v2"}), "fhir") == (HL7V2_TO_FHIR.takes, HL7V2_TO_FHIR.gives)
    assert HL7V2_TO_FHIR.counter is not None
    assert tuple(Reason) == HL7V2_TO_FHIR.counter.results
