"""The table of kinds: all available listeners, destinations, steps, buckets and credentials.

Another installed package adds kinds by an entry point of the group ``hilum.kinds`` that names a kind or a tuple of
kinds.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import get_args

from adapters.deidentify.kind import DEIDENTIFY
from adapters.dicom.kind import EDIT_DICOM
from adapters.dicom.outline import outline as outline_of_instance
from adapters.dimse.kind import DIMSE
from adapters.events.kind import PUBSUB, PUBSUB_DICOM, PUBSUB_FHIR, open_notifications
from adapters.fhir.kind import HL7V2_TO_FHIR
from adapters.fhir.outline import outline as outline_of_resource
from adapters.hl7.editing.kind import EDIT_HL7V2
from adapters.hl7.outline.message import outline as outline_of_message
from adapters.hl7.validation.kind import VALIDATE_HL7V2
from adapters.http.kind import HTTP_IN
from adapters.mllp.client.kind import MLLP_OUT
from adapters.mllp.kind import MLLP
from adapters.objects.kinds import BUCKET, BUCKETS
from adapters.pipeline.kind import open_pipeline, search_public
from adapters.pipeline.settings import PipelineSettings
from adapters.pipeline.sides import pipeline_problems
from adapters.rest.kinds import CREDENTIALS, DICOMWEB, FHIR_STORE, HL7V2_STORE, HTTP
from adapters.tables.bigquery.kind import BIGQUERY
from adapters.tables.kind import TABLE, folder_of, open_tables, open_warehouse
from gateway.contract.errors import ConfigError
from gateway.contract.kind import BucketKind, CredentialKind, DestinationKind, Format, Kind, ListenerKind, StepKind
from gateway.contract.outline import Outline
from gateway.contract.pipeline import OpenNotifications, OpenPipeline, SearchPublic
from gateway.contract.tables import OpenTables
from gateway.contract.warehouse import OpenWarehouse

BUILT_IN: tuple[Kind, ...] = (
    MLLP,
    DIMSE,
    HTTP_IN,
    PUBSUB,
    PUBSUB_DICOM,
    PUBSUB_FHIR,
    HL7V2_STORE,
    HTTP,
    DICOMWEB,
    FHIR_STORE,
    MLLP_OUT,
    TABLE,
    BIGQUERY,
    BUCKET,
    EDIT_HL7V2,
    EDIT_DICOM,
    VALIDATE_HL7V2,
    HL7V2_TO_FHIR,
    DEIDENTIFY,
    *BUCKETS,
    *CREDENTIALS,
)
GROUP = "hilum.kinds"
OUTLINES: Mapping[Format, Outline] = {
    "hl7v2": outline_of_message,
    "dicom": outline_of_instance,
    "fhir": outline_of_resource,
}
"""By format, what makes the outline of a payload; a format without one is shown by its size only."""
TABLES: OpenTables = open_tables
"""Opens tables, for `hilum tables` and `hilum query`."""
TABLE_FOLDER = folder_of
"""Returns the folder of the tables of a destination of kind ``table``, by its settings and the data directory."""

Pipeline = PipelineSettings
"""The settings of the research pipeline."""
OPEN_PIPELINE: OpenPipeline = open_pipeline
"""Opens the research pipeline, for `hilum pipeline`."""
SEARCH_PUBLIC: SearchPublic = search_public
"""Searches the public table of the research pipeline, for the front page of the sandbox."""
OPEN_NOTIFICATIONS: OpenNotifications = open_notifications
"""Opens what tells of changes in the buckets of the research pipeline."""
PIPELINE_PROBLEMS = pipeline_problems
"""Yields what is wrong between the pipeline and the other sections of a configuration, which may be malformed."""
WAREHOUSE: OpenWarehouse = open_warehouse
"""Opens the tables of the sandbox's BigQuery."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """All kinds, by sort and name."""

    listeners: Mapping[str, ListenerKind] = field(default_factory=dict)
    destinations: Mapping[str, DestinationKind] = field(default_factory=dict)
    steps: Mapping[str, StepKind] = field(default_factory=dict)
    credentials: Mapping[str, CredentialKind] = field(default_factory=dict)
    buckets: Mapping[str, BucketKind] = field(default_factory=dict)


def table(kinds: Iterable[Kind]) -> Kinds:
    """Put *kinds* into a table; raises ConfigError if two of one sort have the same name."""
    listeners: dict[str, ListenerKind] = {}
    destinations: dict[str, DestinationKind] = {}
    steps: dict[str, StepKind] = {}
    credentials: dict[str, CredentialKind] = {}
    buckets: dict[str, BucketKind] = {}
    for each in kinds:
        match each:
            case ListenerKind():
                first: Kind = listeners.setdefault(each.name, each)
            case DestinationKind():
                first = destinations.setdefault(each.name, each)
            case StepKind():
                first = steps.setdefault(each.name, each)
            case BucketKind():
                first = buckets.setdefault(each.name, each)
            case CredentialKind():
                first = credentials.setdefault(each.name, each)
        if first is not each:
            modules = f"{first.settings.__module__} and {each.settings.__module__}"
            raise ConfigError(f"kind {each.name!r}: two installed packages provide it; remove one of them ({modules})")
    return Kinds(listeners, destinations, steps, credentials, buckets)


def installed() -> Iterator[Kind]:
    """Yield the kinds of other packages; raises ConfigError if one cannot be loaded."""
    for point in entry_points(group=GROUP):
        yield from _load(point)


def _load(point: EntryPoint) -> Iterator[Kind]:
    try:
        loaded = point.load()
    except Exception as error:  # noqa: BLE001  importing a foreign package can raise anything
        raise ConfigError(
            f"kind {point.name!r}: {point.value} cannot be loaded ({type(error).__name__});"
            f" repair or remove the package that provides it"
        ) from None
    for each in loaded if isinstance(loaded, tuple) else (loaded,):
        if not isinstance(each, Kind):
            raise ConfigError(f"kind {point.name!r}: {point.value} is not a kind; see docs/extending.md")
        if not _is_called_alike(each):
            raise ConfigError(
                f"kind {point.name!r}: the settings of {each.name!r} in {point.value} do not name that kind;"
                f" ask its author to declare `kind: Literal[{each.name!r}]` in them, or remove the package"
            )
        yield each


def _is_called_alike(kind: Kind) -> bool:
    """Whether the settings of *kind* have a field ``kind`` with exactly its name."""
    field = getattr(kind.settings, "model_fields", {}).get("kind")
    return field is not None and get_args(field.annotation) == (kind.name,)


def outline_of(protocol: str, kinds: "Kinds") -> Outline | None:
    """Return what makes outlines of the messages whose fact ``protocol`` this is; None if nothing does."""
    kind = kinds.listeners.get(protocol)
    return None if kind is None else OUTLINES.get(kind.gives)


KINDS = table([*BUILT_IN, *installed()])
