"""Settings of a DICOMweb destination."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from adapters.rest.settings import RestSettings
from adapters.rest.verdict.answers import check_dicom_key
from gateway.contract.outlook import Outlook
from gateway.contract.settings import Octets, Seconds, Settings

DicomAnswers = dict[Annotated[str, AfterValidator(check_dicom_key)], Outlook]


class BatchSettings(Settings):
    """When several spooled instances of one study share a STOW-RS request; whichever limit is met first ends the batch.

    A listener that relays sends each instance as it arrives, on its own.
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
    """What to do when the store holds another instance under the same SOP Instance UID, or one of which nobody can tell
    whether it is another: where one of the two is compressed, in another transfer syntax than the other, or the store
    does not give it back. The same content in two uncompressed transfer syntaxes is the same instance. ``overwrite``
    replaces only with instances from the spool (``acknowledge: commit``); one that is relayed is refused with 0111, for
    nothing may be deleted before its replacement has come."""
    accept_empty: bool = False
    """Whether a 200 that names neither an instance nor a failure means stored where QIDO-RS and WADO-RS do not tell
    what the store holds: an empty body, or DICOM JSON or XML. Only for a store that is known to answer so."""
    answers: DicomAnswers = Field(default_factory=dict)
    """In commit mode: what this store means by its replies, where it is otherwise than in the table of docs/replies.md.
    `no reply`, `HTTP 409`, `HTTP 5xx`, `DICOM 0110` or `DICOM A7xx`, the Failure Reason, is `final`, `doubtful`,
    `temporary` or `busy`."""
    found_within: Seconds = Field(default=2, ge=0)
    """How long an instance that the store does not name in its answer is looked for, before it counts as not held:
    many stores answer before their index knows what they have stored. 0 looks once."""
    batch: BatchSettings = BatchSettings()
    """How many spooled instances share a request."""
    total_seconds: Seconds = Field(default=3600, gt=0)
    """Longest time for one request, from waiting for a free connection to the last byte of the reply."""
