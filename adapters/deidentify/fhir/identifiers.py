"""Identifiers: of a patient as in the other formats, of other things by what they number, and conditions with them."""

from collections.abc import Callable, Iterable
from urllib.parse import quote, unquote

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir import forms
from adapters.deidentify.fhir.links import DICOM_SYSTEM, OID, OID_URN, URI_SYSTEM, UUID_URN, Links
from adapters.deidentify.fhir.reading import Json
from adapters.deidentify.fhir.structure import is_resource
from adapters.deidentify.fhir.tree import objects_of, text_of
from adapters.deidentify.pseudonyms.domains import Domains, Patient
from adapters.deidentify.pseudonyms.service import Pseudonyms

PATIENT_CODES = frozenset({"MR", "MRT", "PI", "PT", "PE", "U", "PHE"})
"""Types of a patient's identifier (HL7 table 0203)."""
NOT_BY_DEFAULT = frozenset({"SS", "DL", "PPN", "TAX", "NI", "MB", "HC", "BC", "BR", "MC", "MA", "CZ", "RRI"})
"""Types whose authority is not the hospital: without a system they are not in the default domain."""
BY_CODE = {"ACSN": "accession", "PLAC": "order", "FILL": "order", "PGN": "order", "VN": "visit", "AN": "account"}
"""What an identifier numbers, by its type (HL7 table 0203)."""
STRONGER = {
    "Specimen": "sample",
    "Appointment": "appointment",
    "AppointmentResponse": "appointment",
    "DocumentReference": "document",
    "DocumentManifest": "document",
    "Practitioner": "clinician",
    "PractitionerRole": "clinician",
    "Bundle": "message",
    "MessageHeader": "message",
}
"""What it numbers by the resource, whatever type it has: a specimen's PLAC is still that of the specimen."""
BY_KIND = {
    "Encounter": "visit",
    "EpisodeOfCare": "visit",
    "Account": "account",
    **dict.fromkeys(("ServiceRequest", "DiagnosticReport", "MedicationRequest", "MedicationDispense"), "order"),
    **dict.fromkeys(("DeviceRequest", "NutritionOrder", "RequestGroup", "ImmunizationRecommendation"), "order"),
    "ImagingStudy": "accession",
}
PEOPLE = frozenset({"Patient", "Person", ""})


def purpose(kind: str, code: str) -> str:
    """Return what an identifier numbers: the word that HL7v2 and DICOM use for it, too."""
    if code == "ACSN":
        return "accession"
    return STRONGER.get(kind) or BY_CODE.get(code) or BY_KIND.get(kind) or f"fhir {kind}"


def type_code(identifier: Json) -> str:
    """Return the code of an identifier's type, for which HL7 table 0203 is used; a text counts if there is no code."""
    kind = identifier.get("type")
    if not isinstance(kind, dict):
        return ""
    found = [code for each in objects_of(kind.get("coding")) if (code := text_of(each, "code"))]
    return found[0] if found else text_of(kind, "text")


class Identifiers:
    """Makes the values of identifiers.

    *resources* say which type an identifier in a condition has. *names_somebody* tells whether a text contains an
    identifier of a person.
    """

    def __init__(
        self,
        pseudonyms: Pseudonyms,
        domains: Domains,
        links: Links,
        resources: Iterable[Json],
        names_somebody: Callable[[str], bool],
    ) -> None:
        self._pseudonyms, self._domains, self._links = pseudonyms, domains, links
        self._names_somebody = names_somebody
        self._systems: dict[str, bool] = {"": True}
        self._types: dict[tuple[str, str, str], str] = {}
        for resource in resources:
            for each in objects_of(resource.get("identifier")):
                key = (text_of(resource, "resourceType"), text_of(each, "system"), text_of(each, "value"))
                self._types.setdefault(key, type_code(each))

    def value(self, kind: str, system: str, value: str, code: str) -> str | None:
        """Return the value of an identifier of a resource of type *kind*; None if it has to go."""
        if system == DICOM_SYSTEM and OID.match(value):
            return self._links.uid(value)
        if value.lower().startswith((UUID_URN, OID_URN)) or system == URI_SYSTEM:
            return self._links.link(value)
        patient = self.patient(kind, system, value, code)
        if patient is not None:
            return self._pseudonyms.patient(patient)
        if kind == "Patient" or code in PATIENT_CODES:
            return None  # of an unknown authority: as in HL7v2, another identifier names the patient
        return self._pseudonyms.identifier(purpose(kind, code), value)

    def patient(self, kind: str, system: str, value: str, code: str) -> Patient | None:
        """Return the patient whom an identifier names; None if it names none of a known domain."""
        try:
            return self.known_patient(kind, system, value, code)
        except HeldBackError:
            return None

    def known_patient(self, kind: str, system: str, value: str, code: str) -> Patient | None:
        """Return the patient; None if it is no identifier of a patient; raises HeldBackError for an unknown domain."""
        # One system may number a hospital's patients, visits and orders: the type and the resource say which.
        is_patient = kind in PEOPLE and code not in BY_CODE
        if not value or not (is_patient or code in PATIENT_CODES):
            return None
        if not system and (kind == "" or code in NOT_BY_DEFAULT) and code not in PATIENT_CODES:
            return None
        return self._domains.patient("fhir", (system,) if system else (), value)

    def patient_of_server(self, identity: str) -> Patient:
        """Return the patient with this id of the server, if ``domains`` has an entry ``fhir: [Patient]``."""
        return self._domains.patient("fhir", ("Patient",), identity)

    def searched(self, text: str) -> tuple[str, str, str] | None:
        """Return the type, the system and the value of ``Patient?identifier=system|value``; None for other texts."""
        kind, _, query = text.partition("?")
        name, _, token = query.partition("=")
        if not is_resource(kind) or name != "identifier" or not token or "&" in token:
            return None
        system, bar, value = unquote(token).rpartition("|")
        if not value or any(each in value + system for each in ",$\\|"):
            return None
        return (kind, system, value) if system or not bar else None

    def _may_stay(self, system: str) -> bool:
        """Whether the system of a condition may stay: it is part of a text that is not looked at again."""
        if system not in self._systems:
            self._systems[system] = forms.URI.match(system) is not None and not self._names_somebody(system)
        return self._systems[system]

    def condition(self, text: str) -> str | None:
        """Return a conditional reference or URL, ``Patient?identifier=system|value``; None if it is none."""
        if (found := self.searched(text)) is None:
            return None
        kind, system, value = found
        if not self._may_stay(system):
            return None
        made = self.value(kind, system, value, self._types.get(found, ""))
        if made is None:
            return None
        bar = f"{quote(system, safe='')}%7C" if system else ""
        return f"{kind}?identifier={bar}{quote(made, safe='')}"
