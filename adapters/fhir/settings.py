"""Settings of the step ``hl7v2_to_fhir``."""

from datetime import tzinfo
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from adapters.fhir.systems import is_absolute
from gateway.contract.settings import File, Settings


def zone_of(name: str) -> tzinfo:
    """Return the time zone *name*; raises ValueError with what to do."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError(f"{name!r} is no time zone; name one of the IANA database, such as Europe/Berlin") from None


def _is_zone(name: str) -> str:
    zone_of(name)
    return name


def _is_system(uri: str) -> str:
    if not is_absolute(uri):
        raise ValueError("is not absolute; write https://…, urn:oid:… or urn:uuid:…")
    return uri


class Hl7v2ToFhirSettings(Settings):
    """A step that converts HL7v2 messages to FHIR R4."""

    kind: Literal["hl7v2_to_fhir"]
    """Makes a FHIR R4 transaction of an ADT, ORU^R01, order (ORM, OMG, OML, OMI), MDM, SIU, VXU, pharmacy (RDE, RDS,
    RAS), DFT or BAR message."""
    timezone: Annotated[str, AfterValidator(_is_zone)] | None = None
    """Time zone (IANA) of times that have none, if `MSH-7` has none either, or has the offset of this zone; another
    offset in `MSH-7` counts for the whole message. Without it a time without a zone becomes a date, because FHIR has no
    time without a zone."""
    systems: dict[str, Annotated[str, AfterValidator(_is_system)]] = {}  # noqa: RUF012  pydantic copies it
    """Names of assigning authorities and coding systems as the senders write them, each with its absolute URI. Codes
    and identifiers of other names have no `system`."""
    code_maps: tuple[File, ...] = ()
    """CSV files in UTF-8 with the counterparts of local codes. The first line is
    `sender,system,code,target_system,target_code,target_display`; an empty sender stands for all, otherwise it is
    `MSH-3`. They are read at the start."""
    field_maps: tuple[File, ...] = ()
    """CSV files in UTF-8 that map fields of Z-segments, and others that the step does not carry, to the patient or to
    the visit. The first line is `sender,field,element,datatype,argument`, another one
    `,ZPD-3,Patient.extension(https://hospital.example/fhir/ward),CWE,`; an empty sender stands for all, otherwise it
    is `MSH-3`. They are read at the start."""
    identifier_types: tuple[str, ...] = ("MR", "PI", "PT", "PN")
    """Types (`CX.5`) of identifiers by which a patient is found again; the first one that `PID-3` has is used, then one
    without a type. All messages about a patient must lead to the same identifier."""
    account_is_visit: bool = False
    """Whether the account number, `PID-18`, identifies the visit where `PV1-19` is empty."""
    keep_source: bool = False
    """Whether the whole message is added as a `DocumentReference`."""
