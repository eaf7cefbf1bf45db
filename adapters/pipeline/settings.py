"""Settings of the research pipeline: the section ``pipeline`` of the configuration."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from adapters.events.buckets.settings import BucketNotificationsSettings
from adapters.pipeline.reports.settings import ReportColumns, ReportFormat
from gateway.contract.forms import Form
from gateway.contract.settings import Count, File, Octets, Seconds, Settings
from gateway.contract.wildcards import check

NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
OTHERWISE = "is no place in a bucket; write the bucket's name, a colon, and the path in it, such as north:dicom/**.dcm"
COLUMN = "is no column; write the keyword of a DICOM attribute, or report, report_date or hospital"


def _pattern(place: str) -> str:
    check(place.partition(":")[2])
    return place


Objects = Annotated[str, Form(f"{NAME}:.+", OTHERWISE), AfterValidator(_pattern)]
"""The name of a bucket, a colon, and a pattern of object names."""
Place = Annotated[str, Form(f"{NAME}:(?:[^*?]*/)?", "is no folder of a bucket; write BUCKET: or BUCKET:some/folder/")]
"""The name of a bucket, a colon, and nothing or a folder, which ends with ``/``."""
PublicColumn = Annotated[str, Form(r"[A-Z][A-Za-z0-9]{1,63}|report|report_date|hospital", COLUMN)]


class HospitalSettings(ReportFormat):
    """The objects of one hospital."""

    images: Objects
    """Where the DICOM instances are: the name of a bucket, a colon, and a pattern, such as `north:dicom/**.dcm`."""
    reports: Objects | None = None
    """Where the reports are, in CSV files, likewise."""
    columns: ReportColumns | None = None
    """The names of the columns in the CSV files; with `reports`."""

    @model_validator(mode="after")
    def _reports_have_columns(self) -> Self:
        if (self.reports is None) != (self.columns is None):
            raise ValueError("reports and columns belong together; add the other one")
        return self


class PublicSettings(Settings):
    """What researchers get. Its buckets, their credentials and folders are used for nothing else."""

    tables: Place
    """Where `public_table` is written: the name of a bucket, a colon, and nothing or a folder."""
    thumbnails: Place
    """Where the thumbnails are written: another bucket."""
    columns: tuple[PublicColumn, ...] = Field(min_length=1)
    """The only columns of `public_table`, besides the name of the thumbnail: keywords of DICOM attributes, and
    `report`, `report_date` and `hospital`."""

    @model_validator(mode="after")
    def _no_column_twice(self) -> Self:
        if len({each.lower() for each in self.columns}) < len(self.columns):
            raise ValueError("columns: a column is named twice; remove one of them")
        return self


class GateSettings(Settings):
    """What must be true of the rows before they become public."""

    k_anonymity: Annotated[int, Field(ge=1, le=1000)] = 5
    """A combination of values that identifies, such as age, sex and a rare examination, must be that of at least so
    many patients; the rows of fewer are held back."""
    rare_values: Literal["generalise", "hold_back"] = "generalise"
    """What becomes of a value that fewer than `k_anonymity` patients have, and of an age over 89: it is left out, and
    the age becomes "90 or older" (`generalise`), or its row is held back (`hold_back`)."""
    not_identifying: tuple[PublicColumn, ...] = ()
    """Public columns that are not counted, because their values tell nothing of anybody. UIDs and numbers that are
    pseudonyms, free text and days that de-identification has moved never are."""
    second_look: bool = True
    """Whether each thumbnail is searched for text once more before it becomes public; needs the extra `ocr`."""


class PipelineSettings(Settings):
    """The research pipeline: from the buckets of hospitals to a dataset that names nobody. For `hilum pipeline`."""

    hospitals: dict[
        Annotated[str, Form(NAME, "is no name; use ASCII letters, digits, `_`, `.` and `-`")], HospitalSettings
    ] = Field(min_length=1)
    """The hospitals by name, each with the places of its images and reports."""
    via: str
    """The name of the step of kind `deidentify` through which every instance and every report goes."""
    tables: File
    """Folder of the identified side: the tables `dicom_metadata`, `reports`, `final_table` and `prod`, and the results
    of the stages."""
    public: PublicSettings
    """The public side."""
    gate: GateSettings = GateSettings()
    """What is held back between the two sides."""
    processes: Annotated[int, Field(ge=1, le=256)] | None = None
    """Processes that work at once; by default one for each processor."""
    object_seconds: Seconds = Field(default=300, gt=0)
    """An object that takes longer than this is given up, and the process that reads it is replaced."""
    max_object_bytes: Octets = Field(default=1024 * 1024 * 1024, ge=1024)
    """An object with more octets is not read: each process has one in its memory."""
    watch_seconds: Seconds = Field(default=60, ge=1)
    """With `hilum pipeline run --watch`: the time between two looks at the buckets; with `notifications`, the longest
    time."""
    notifications: BucketNotificationsSettings | None = None
    """With `hilum pipeline run --watch`: a subscription of Pub/Sub to the notifications of the hospitals' buckets, if
    they are in Google Cloud Storage. When one comes, the buckets are looked at; it is acknowledged when the run that
    began behind it has ended well."""
    attempts: Count = Field(default=2, ge=1, le=10)
    """How often an object is tried whose process ends by itself or is too slow, before it is given up."""
