"""Which authorities, issuers and systems name the same patients: the domains of patient identifiers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from adapters.deidentify.errors import HeldBackError

Format = Literal["hl7v2", "dicom", "fhir"]
UNKNOWN = "no entry of `domains` names the {authority} of its patient; add it, or set `default_domain` of the step"
AUTHORITY = {"hl7v2": "assigning authority", "dicom": "issuer", "fhir": "system"}


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient: the domain, and the identifier as it counts there. It is never logged."""

    domain: str
    number: str


@dataclass(frozen=True, slots=True)
class Domain:
    """How the identifiers of one domain are read."""

    name: str
    drops_leading_zeros: bool = False

    def number(self, text: str) -> str:
        """Return an identifier without blanks around it, and without leading zeros if they do not count."""
        text = text.strip()
        return (text.lstrip("0") or "0") if self.drops_leading_zeros and text else text


class Domains:
    """The domains by format and authority; *default* is that of an identifier without an authority."""

    def __init__(self, named: Mapping[tuple[Format, str], Domain], default: Domain | None = None) -> None:
        self._named, self._default = named, default

    def patient(self, form: Format, authorities: tuple[str, ...], number: str) -> Patient:
        """Return the patient whom *number* names.

        *authorities* are the ways in which the message names the authority: for HL7v2 the namespace (``HOSP``) and the
        universal ID with its type (``1.2.3.4&ISO``), for DICOM the issuer and ``universal ID&type``, for FHIR the
        system. Raises HeldBackError if none of them is known, or if they belong to different domains.
        """
        given = [each for each in authorities if each]
        found = {each for each in (self._named.get((form, name)) for name in given) if each is not None}
        if len(found) > 1:
            raise HeldBackError(f"the names of the {AUTHORITY[form]} of its patient belong to different `domains`")
        domain = found.pop() if found else (None if given else self._default)
        if domain is None:
            raise HeldBackError(UNKNOWN.format(authority=AUTHORITY[form]))
        return Patient(domain.name, domain.number(number))
