"""The settings of a domain of patients: the section ``domains`` of the configuration, which steps are given."""

from typing import Literal

from gateway.contract.settings import Settings


class DomainSettings(Settings):
    """Authorities that name the same patients."""

    hl7v2: tuple[str, ...] = ()
    """Assigning authorities (PID-3.4): a namespace (`HOSP`), or the universal ID with its type (`1.2.3.4&ISO`)."""
    dicom: tuple[str, ...] = ()
    """Issuers of Patient ID (0010,0021), or universal IDs with their type."""
    fhir: tuple[str, ...] = ()
    """Systems of Patient.identifier."""
    leading_zeros: Literal["keep", "drop"] = "keep"
    """Whether `007` and `7` are two patients (`keep`) or one (`drop`)."""
