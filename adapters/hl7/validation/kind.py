"""The step kind ``validate_hl7v2``."""

from adapters.hl7.validation.settings import ValidateHl7v2Settings, ValidationChecks
from adapters.hl7.validation.step import RESULTS, open_step
from gateway.contract.kind import StepCounter, StepKind

VALIDATED = StepCounter("hilum_hl7v2_validated", "HL7v2 messages validated, each time that one is", RESULTS)
VALIDATE_HL7V2 = StepKind(
    "validate_hl7v2",
    ValidateHl7v2Settings,
    frozenset({"hl7v2"}),
    open_step,
    counter=VALIDATED,
    parts={"`checks` of `validate_hl7v2`": ValidationChecks},
)
