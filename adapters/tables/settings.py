"""Settings of a destination that is a table."""

from importlib.util import find_spec
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from adapters.tables.extra import MISSING
from gateway.contract.settings import Count, DeliverySettings, File, Seconds


def is_zone(name: str) -> str:
    """Return *name* if it is a time zone; raises ValueError."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is no time zone; name one such as Europe/Berlin") from None
    return name


class TableSettings(DeliverySettings):
    """A table that gets a row for each message. `hilum query` asks it."""

    kind: Literal["table"]
    """A folder of Parquet files that gets a row for each message; needs the extra `tables`."""
    table: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,199}$")]
    """Name of the table; it is made when the first row comes. FHIR resources go to one table for each type, such as
    `TABLE_Patient`."""
    folder: File | None = None
    """Folder of the tables; by default `tables` below `data_dir`."""
    columns: Literal["nested", "json", "flattened"] = "nested"
    """The columns of DICOM instances: one for each attribute, and sequences are records (`nested`) or JSON
    (`flattened`); or all attributes in one column of JSON (`json`)."""
    timezone: Annotated[str, AfterValidator(is_zone)] = "UTC"
    """The zone of the times of HL7v2 messages that tell none."""
    recursive_depth: int = Field(default=2, ge=1, le=5)
    """How often a datatype of FHIR may be within itself; what is nested more deeply is left out."""
    collect_seconds: Seconds = Field(default=0.05, ge=0, le=10)
    """How long rows are collected before they are written together: each write makes a file."""
    concurrency: Count = Field(default=256, ge=1)
    """In commit mode: most messages that wait for a write at once."""

    @model_validator(mode="after")
    def _can_be_written(self) -> Self:
        if find_spec("duckdb") is None:
            raise ValueError(f"kind `table` {MISSING}")
        return self

    @property
    def most_at_once(self) -> int:
        """Most messages in progress at once in commit mode."""
        return self.concurrency

    @property
    def most_connections(self) -> int:
        """Files that are open at once, a few for each table."""
        return 16
