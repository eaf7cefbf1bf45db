"""Settings of a destination that is a table of BigQuery."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from adapters.rest.settings import RestSettings
from adapters.tables.settings import is_zone
from gateway.contract.settings import Count, Seconds

DATASET = re.compile(r"https?://[^/]+(?:/[^/]+)*?/bigquery/v2/projects/[^/]+/datasets/[^/]+/?\Z")


def _is_dataset(url: str) -> str:
    if DATASET.match(url) is None:
        raise ValueError(
            "is no dataset; write https://bigquery.googleapis.com/bigquery/v2/projects/PROJECT/datasets/DATASET"
        )
    return url.rstrip("/")


class BigQuerySettings(RestSettings):
    """A table of BigQuery that gets a row for each message, by ``tabledata.insertAll`` or load jobs."""

    kind: Literal["bigquery"]
    """A table of BigQuery that gets a row for each message. It is made, and gets new columns, as rows need them."""
    url: Annotated[str, AfterValidator(_is_dataset)]
    """The dataset: `https://bigquery.googleapis.com/bigquery/v2/projects/PROJECT/datasets/DATASET`. Credentials need
    the scope `https://www.googleapis.com/auth/bigquery`."""
    table: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,200}$")]
    """Name of the table. FHIR resources go to one table for each type, such as `TABLE_Patient`."""
    columns: Literal["nested", "json", "flattened"] = "nested"
    """The columns of DICOM instances, as for kind `table`."""
    timezone: Annotated[str, AfterValidator(is_zone)] = "UTC"
    """The zone of the times of HL7v2 messages that tell none."""
    recursive_depth: int = Field(default=2, ge=1, le=5)
    """How often a datatype of FHIR may be within itself; what is nested more deeply is left out."""
    write: Literal["insert_all", "load"] = "insert_all"
    """How rows are written: `insert_all` streams them; `load` starts a load job for what was collected, which costs
    nothing, but BigQuery takes 1,500 jobs a day for a table: use it in commit mode, with `collect_seconds: 60`."""
    collect_seconds: Seconds = Field(default=0.1, ge=0, le=600)
    """How long rows are collected before they are sent together."""
    load_seconds: Seconds = Field(default=300, gt=0)
    """Longest wait for a load job."""
    concurrency: Count = Field(default=256, ge=1)
    """In commit mode: most messages that wait for an answer at once."""
