"""Settings of a FHIR store."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from adapters.rest.fhir.profiles import ProfileName
from adapters.rest.settings import RestSettings
from adapters.rest.verdict.answers import check_fhir_key
from gateway.contract.forms import Form
from gateway.contract.outlook import Outlook
from gateway.contract.settings import Count, Octets

Update = Literal["merge", "replace"]
FhirAnswers = dict[Annotated[str, AfterValidator(check_fhir_key)], Outlook]
ResourceType = Annotated[
    str, Form(r"[A-Z][A-Za-z]{1,63}", "is no type of resource; write one as in FHIR, such as Encounter")
]
MERGED = frozenset(
    {
        "Account",
        "AllergyIntolerance",
        "Appointment",
        "DocumentReference",
        "Encounter",
        "MedicationRequest",
        "Patient",
        "ServiceRequest",
    }
)
"""Things about which several messages each say a part; all others are described completely by each message."""


class FhirStoreSettings(RestSettings):
    """A FHIR store: of the Cloud Healthcare API, of Azure, HAPI, Medplum, or any other with transactions."""

    kind: Literal["fhir_store"]
    """Sends transactions, batches and resources to ``url``, the base of the store."""
    profile: ProfileName | None = None
    """What the store is, which sets its limits; by default Google's and Azure's are known by their host, others are
    `generic`."""
    update: Update | dict[ResourceType, Update] = Field(default_factory=dict)
    """What a message does with a resource that the store has. `merge` replaces the elements that the message is about,
    removes those that it deletes, and leaves the others: the default for Account, AllergyIntolerance, Appointment,
    DocumentReference, Encounter, MedicationRequest, Patient and ServiceRequest. `replace` writes the whole resource:
    the default for all others. One word is for all types, a mapping for some: `{Observation: merge}`. In both cases a
    message that is older than what the store has changes nothing of that. It applies to what a step makes of another
    format."""
    client_ids: bool = True
    """Whether the store takes a new resource under an ID that Hilum gives it (Google: `enableUpdateCreate`). With
    `false` the Provenance of each message is left out, because it could not be written twice without a duplicate."""
    max_entries: Count | None = Field(default=None, ge=1)
    """Most entries of one bundle; by default the profile's: 4500 (google), 500 (azure), otherwise 1000. A larger bundle
    is sent in parts, what is referred to before what refers to it; each part is all or nothing."""
    max_bytes: Octets | None = Field(default=None, ge=1024)
    """Most octets of one bundle; by default the profile's: 50 MiB (google, medplum), 4 MiB (azure), otherwise 16 MiB.
    A larger one is sent in parts."""
    answers: FhirAnswers = Field(default_factory=dict)
    """In commit mode: what this store means by its replies, if it differs from the table in docs/replies.md. Keys:
    `no reply`, `HTTP 409`, `HTTP 5xx`; values: `final`, `doubtful`, `temporary`, `busy`."""

    def is_whole(self, kind: str) -> bool:
        """Whether a message replaces a resource of this type as a whole."""
        by_default: Update = "merge" if kind in MERGED else "replace"
        chosen = self.update.get(kind, by_default) if isinstance(self.update, Mapping) else self.update
        return chosen == "replace"
