"""The step kind ``validate_hl7v2``."""

from adapters.hl7.validation.settings import ValidateHl7v2Settings, ValidationChecks
from adapters.hl7.validation.step import open_step
from gateway.contract.kind import StepKind

VALIDATE_HL7V2 = StepKind(
    "validate_hl7v2",
    ValidateHl7v2Settings,
    frozenset({"hl7v2"}),
    open_step,
    parts={"`checks` of `validate_hl7v2`": ValidationChecks},
)
