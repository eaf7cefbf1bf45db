"""Validates HL7v2 messages against the definitions of their version: the step ``validate_hl7v2``."""

from adapters.hl7.validation.settings import ValidateHl7v2Settings
from adapters.hl7.validation.step import open_step

__all__ = ["ValidateHl7v2Settings", "open_step"]
