"""The step kind ``deidentify``."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from adapters.deidentify.settings import DeidentifySettings, DicomProfile, FhirProfile, Hl7v2Profile, PixelRegion
from gateway.contract.domains import DomainSettings
from gateway.contract.kind import StepCounter, StepKind
from gateway.contract.step import Step


@asynccontextmanager
async def _open(
    name: str, settings: DeidentifySettings, count: Callable[[str], None], *, domains: Mapping[str, DomainSettings]
) -> AsyncIterator[Step]:
    from adapters.deidentify.step import open_step  # noqa: PLC0415  only for those who use it

    async with open_step(name, settings, count, domains) as step:
        yield step


DEIDENTIFY = StepKind(
    "deidentify",
    DeidentifySettings,
    frozenset({"dicom", "hl7v2", "fhir"}),
    _open,
    parts={
        "The profile for DICOM": DicomProfile,
        "Areas of text by device (`dicom.regions`)": PixelRegion,
        "The profile for HL7v2": Hl7v2Profile,
        "The profile for FHIR": FhirProfile,
    },
    wants_domains=True,
    counter=StepCounter(
        "hilum_deidentified_messages", "Messages that were de-identified, or held back", ("transformed", "held_back")
    ),
)
