"""Settings of a DICOMweb destination."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from adapters.rest.settings import RestSettings
from adapters.rest.verdict.answers import check_dicom_key
from gateway.contract.outlook import Outlook
from gateway.contract.settings import Octets, Seconds, Settings

DicomAnswers = dict[Annotated[str, AfterValidator(check_dicom_key)], Outlook]


class BatchSettings(Settings):
    """Limits for several spooled instances of one study in one STOW-RS request; the first limit reached ends the batch.

    A listener that relays sends each instance in a request of its own.
    """

    instances: int = Field(default=1, ge=1, le=1000)
    """Most instances in one request; 1 sends each on its own."""
    bytes: Octets = Field(default=64 * 1024 * 1024, ge=1)
    """Most octets of instances in one request; a single larger instance is sent on its own."""
    wait_ms: int = Field(default=50, ge=0, le=60_000)
    """Longest wait for another instance before a batch that is not full is sent."""


class DicomwebSettings(RestSettings):
    """A DICOMweb origin server."""

    kind: Literal["dicomweb"]
    """STOW-RS; ``url`` is the root, the address before ``/studies``."""
    on_conflict: Literal["refuse", "overwrite"] = "refuse"
    """What to do when the store holds another instance with the same SOP Instance UID, or one that cannot be compared:
    the two have different transfer syntaxes, at least one of them compressed, or the store does not give its instance
    back. The same content in two uncompressed transfer syntaxes is the same instance. ``overwrite`` replaces only with
    instances from the spool (``acknowledge: commit``); a relayed instance is refused with 0111, because nothing may be
    deleted before its replacement is complete."""
    accept_empty: bool = False
    """Whether a 200 that names neither an instance nor a failure means stored if QIDO-RS and WADO-RS do not tell what
    the store holds: an empty body, or DICOM JSON or XML. Only for a store that is known to answer so."""
    answers: DicomAnswers = Field(default_factory=dict)
    """In commit mode: what this store means by its replies, if it differs from the table in docs/replies.md. Keys:
    `no reply`, `HTTP 409`, `HTTP 5xx`, or a Failure Reason such as `DICOM 0110` or `DICOM A7xx`; values: `final`,
    `doubtful`, `temporary`, `busy`."""
    found_within: Seconds = Field(default=2, ge=0)
    """How long Hilum looks in the store for an instance that the store's answer does not name, before it counts as not
    held: many stores answer before they have indexed what they stored. With 0 it looks once."""
    batch: BatchSettings = BatchSettings()
    """Limits for the number of spooled instances in one request."""
    total_seconds: Seconds = Field(default=3600, gt=0)
    """Longest time for one request, from waiting for a free connection to the last byte of the reply."""
