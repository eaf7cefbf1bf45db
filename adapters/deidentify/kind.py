"""The step kind ``deidentify``."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from adapters.deidentify.settings import DeidentifySettings, DicomProfile, DomainSettings, FhirProfile, Hl7v2Profile
from gateway.contract.kind import StepCounter, StepKind
from gateway.contract.step import Step


@asynccontextmanager
async def _open(name: str, settings: DeidentifySettings, count: Callable[[str], None]) -> AsyncIterator[Step]:
    from adapters.deidentify.step import open_step  # noqa: PLC0415  only for those who use it

    async with open_step(name, settings, count) as step:
        yield step


DEIDENTIFY = StepKind(
    "deidentify",
    DeidentifySettings,
    frozenset({"dicom", "hl7v2", "fhir"}),
    _open,
    parts={
        "The profile for DICOM": DicomProfile,
        "The profile for HL7v2": Hl7v2Profile,
        "The profile for FHIR": FhirProfile,
        "A domain of patients": DomainSettings,
    },
    counter=StepCounter(
        "hilum_deidentified_messages", "Messages that were de-identified, or held back", ("transformed", "held_back")
    ),
)
