"""Settings of a destination that writes messages into a bucket."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from adapters.objects.key_template import check_template
from gateway.contract.settings import Count, DeliverySettings


class BucketDestinationSettings(DeliverySettings):
    """A bucket that gets a copy of each message, as an object of its own."""

    kind: Literal["bucket"]
    """Writes each message as an object. One that comes again is written once."""
    bucket: Annotated[str, StringConstraints(min_length=1)]
    """Name of a bucket in ``buckets``."""
    key: Annotated[str, AfterValidator(check_template)] | None = None
    """Key of the object of a message, with names in braces: `{study}`, `{series}`, `{instance}`, `{sop_class_uid}`,
    `{calling_ae_title}` of DICOM; `{sending_application}`, `{sending_facility}`, `{message_type}`, `{control_id}` of
    HL7v2, and `{digest}`, the first 32 digits of its SHA-256. A message without a value that the key names is refused.
    By default `{study}/{series}/{instance}.dcm` for DICOM and `hl7v2/{digest}.hl7` for HL7v2."""
    on_conflict: Literal["refuse", "overwrite"] = "refuse"
    """What to do when there is another object with the key: of a DICOM instance one whose data set differs."""
    concurrency: Count = Field(default=16, ge=1)
    """In commit mode: most messages that are written at a time."""

    @property
    def most_at_once(self) -> int:
        """Most messages in progress at once in commit mode."""
        return self.concurrency
