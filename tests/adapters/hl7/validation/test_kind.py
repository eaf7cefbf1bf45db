"""The kind ``validate_hl7v2``."""

from adapters.hl7.validation.kind import VALIDATE_HL7V2


async def test_open() -> None:
    """The kind takes and returns HL7v2, and opens a step with its settings."""
    assert (frozenset({"hl7v2"}), None) == (VALIDATE_HL7V2.takes, VALIDATE_HL7V2.gives)
    settings = VALIDATE_HL7V2.settings.model_validate({"kind": "validate_hl7v2"})
    async with VALIDATE_HL7V2.open("valid", settings) as step:
        assert callable(step)
