"""Commands that the front page offers to try next: they work as they stand, with the first store of each kind."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Rows = list[dict[str, Any]]
DATASET = "projects/p/locations/us-central1/datasets/d"
"""What the commands name where nothing is stored yet."""
NAMES = {"hl7V2Stores": "messages", "dicomStores": "images", "fhirStores": "records"}
SQL = "SELECT Modality, COUNT(*) AS images FROM lab.images GROUP BY Modality"


def commands_of(found: Mapping[str, Rows], url: str, buckets: Sequence[str], *, strict: bool = False) -> Iterator[str]:
    """Yield commands, each of one line or a few, for the sandbox at *url*; with *strict*, they make what is missing."""
    there = [found[kind][0]["name"] for kind in NAMES if found[kind]]
    dataset = there[0].rpartition("/")[0].rpartition("/")[0] if there else DATASET
    names = {
        kind: found[kind][0]["name"] if found[kind] else f"{dataset}/{kind}/{name}" for kind, name in NAMES.items()
    }
    hl7v2, dicom, fhir = names.values()
    bucket = buckets[0] if buckets else "scans"
    project = dicom.split("/")[1]
    table = f'{{"bigqueryDestination": {{"tableUri": "bq://{project}.lab.images", "force": true}}}}'
    if strict:
        yield from _making([name for kind, name in names.items() if not found[kind]], url, "" if there else dataset)
    yield f"curl {url}/v1/{dicom}/dicomWeb/studies"
    yield f"curl {url}/v1/{dicom}:getDICOMStoreMetrics"
    yield f'curl -X POST -d \'{{"gcsSource": {{"uri": "gs://{bucket}/**.dcm"}}}}\' {url}/v1/{dicom}:import'
    yield f"curl '{url}/v1/{hl7v2}/messages?view=FULL'"
    yield f"curl {url}/v1/{fhir}/fhir/Patient"
    yield (
        f"export CLOUDSDK_API_ENDPOINT_OVERRIDES_HEALTHCARE={url}/ CLOUDSDK_CORE_PROJECT={project}\n"
        "echo any-word > token && export CLOUDSDK_AUTH_ACCESS_TOKEN_FILE=$PWD/token\n"
        f"gcloud healthcare dicom-stores metrics {dicom}"
    )
    yield f"bq --api {url} mk --dataset {project}:lab\ncurl -X POST -d '{table}' {url}/v1/{dicom}:export"
    yield f"bq --api {url} --project_id {project} query --use_legacy_sql=false '{SQL}'"


def _making(stores: Sequence[str], url: str, dataset: str) -> Iterator[str]:
    """Yield what makes stores, and first the *dataset* that they are in, where one is named."""
    if dataset:
        above, _, name = dataset.rpartition("/")
        yield f"curl -X POST '{url}/v1/{above}?datasetId={name}'"
    for each in stores:
        kind, name = each.split("/")[-2:]
        version = ' -d \'{"version": "R4"}\'' if kind == "fhirStores" else ""
        yield f"curl -X POST{version} '{url}/v1/{each.rpartition('/')[0]}?{kind.removesuffix('s')}Id={name}'"


def where_buckets_are(buckets: Sequence[str]) -> str:
    """Return which folder the bucket of the commands is."""
    if buckets:
        return f"gs://{buckets[0]} is the folder that --bucket names."
    return "gs://scans is the folder buckets/scans below --data, unless --bucket scans=FOLDER names another one."
