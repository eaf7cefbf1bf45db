"""The kind ``bigquery`` of destination."""

from collections.abc import Iterator, Sequence

from adapters.rest.kinds import IN_THE_CLEAR, PROXY, trust_of
from adapters.tables.bigquery.settings import BigQuerySettings
from gateway.contract.kind import DestinationKind, Store, Tools


def _open(name: str, settings: BigQuerySettings, tools: Tools) -> Store:
    from adapters.tables.bigquery.destination import BigQuery  # noqa: PLC0415  only for those who use it

    return BigQuery(name, settings, trust_of(name, settings, tools))


def _notices(settings: BigQuerySettings, _: Sequence[str]) -> Iterator[tuple[str, str]]:
    if (host := settings.host_in_the_clear) is not None:
        yield "url", IN_THE_CLEAR.format(host=host)


BIGQUERY = DestinationKind(
    "bigquery", BigQuerySettings, frozenset({"dicom", "hl7v2", "fhir"}), _open, _notices, PROXY, reads_ranges=True
)
