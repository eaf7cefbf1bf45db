"""The step kind ``hl7v2_to_fhir``."""

from adapters.fhir.report import Reason
from adapters.fhir.settings import Hl7v2ToFhirSettings
from adapters.fhir.step import explain, open_step
from gateway.contract.kind import StepCounter, StepKind

LEFT_OUT = StepCounter(
    "hilum_fhir_left_out",
    "Values of HL7v2 messages that are not in the FHIR bundle, or not as they were sent, by reason",
    tuple(Reason),
)
HL7V2_TO_FHIR = StepKind(
    "hl7v2_to_fhir",
    Hl7v2ToFhirSettings,
    frozenset({"hl7v2"}),
    open_step,
    gives="fhir",
    counter=LEFT_OUT,
    explain=explain,
)
