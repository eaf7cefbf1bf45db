"""The step kind ``deidentify``."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from adapters.deidentify.settings import DeidentifySettings, DicomProfile, FhirProfile, Hl7v2Profile, PixelRegion
from gateway.contract.domains import DomainSettings
from gateway.contract.kind import StepCounter, StepKind
from gateway.contract.release import Reidentify, Release
from gateway.contract.step import Step


@asynccontextmanager
async def _open(
    name: str, settings: DeidentifySettings, count: Callable[[str], None], *, domains: Mapping[str, DomainSettings]
) -> AsyncIterator[Step]:
    from adapters.deidentify.step import open_step  # noqa: PLC0415  only for those who use it

    async with open_step(name, settings, count, domains) as step:
        yield step


def _notices(settings: DeidentifySettings) -> Iterator[tuple[str, str]]:
    """Yield the report of Google's dialect. It depends on the file alone: the key and the domains say nothing of it."""
    if settings.google_config_file is None:
        return
    from adapters.deidentify.google.opening import notes_of  # noqa: PLC0415  only for those who use it

    for note in notes_of(settings.google_config_file, redacts_fields=settings.missing_recogniser == "redact_field"):
        yield "google_config_file", note


def _release(settings: DeidentifySettings, domains: Mapping[str, DomainSettings]) -> Release:
    from adapters.deidentify.releasing import release_of  # noqa: PLC0415  likewise

    return release_of(settings, domains)


@contextmanager
def _reidentify(settings: DeidentifySettings) -> Iterator[Reidentify]:
    from adapters.deidentify.releasing import open_reidentification  # noqa: PLC0415  likewise

    with open_reidentification(settings) as reidentify:
        yield reidentify


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
    notices=_notices,
    release=_release,
    reidentify=_reidentify,
    counter=StepCounter(
        "hilum_deidentified_messages",
        "Messages that were de-identified, or held back; and how often a process that searches images was lost",
        ("transformed", "held_back", "process_lost"),
    ),
)
