"""The front page as HTML: the stores, the latest operations, and commands to try next."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from gateway.sandbox.operations.log import page, state

Rows = list[dict[str, Any]]
STORE = "projects/p/locations/us-central1/datasets/d"
"""What the commands name where nothing is stored yet."""


def page_of(found: Mapping[str, Rows], url: str, buckets: Sequence[str]) -> str:
    """Return the page of the sandbox at *url*; *buckets* are the names of those that are folders elsewhere."""
    stores = [store for kind in ("hl7V2Stores", "dicomStores", "fhirStores") for store in found[kind]]
    sections = "\n".join(map(_section, stores)) or "<p>Nothing has been stored yet.</p>"
    return page("Hilum sandbox", f"{sections}\n{_operations(found['operations'])}\n{_commands(found, url, buckets)}")


def _section(store: dict[str, Any]) -> str:
    counts = ", ".join(f"{value} {key}" for key, value in store.items() if key not in ("name", "latest"))
    title = f"<h2><code>{escape(store['name'])}</code></h2><p>{escape(counts)}"
    return f"{title}; the latest:</p>{_table(store['latest'])}" if store["latest"] else f"{title}</p>"


def _operations(operations: Rows) -> str:
    if not operations:
        return ""
    rows = "".join(
        f"<tr><td>{escape(each['metadata']['apiMethodName'].rpartition('.')[2])}</td>"
        f"<td>{escape(each['metadata']['createTime'])}</td><td>{escape(_counter(each))}</td>"
        f'<td>{escape(state(each))}</td><td><a href="/v1/{escape(each["name"])}/logs">log</a></td></tr>'
        for each in operations
    )
    head = "<tr><th>operation</th><th>began</th><th>counted</th><th>state</th><th></th></tr>"
    return f"<h2>Operations</h2><table>{head}{rows}</table>"


def _counter(operation: Mapping[str, Any]) -> str:
    return ", ".join(f"{number} {name}" for name, number in operation["metadata"].get("counter", {}).items())


def _commands(found: Mapping[str, Rows], url: str, buckets: Sequence[str]) -> str:
    """Return commands that work as they stand, with the first store of each kind."""
    hl7v2, dicom, fhir = (
        found[kind][0]["name"] if found[kind] else f"{STORE}/{kind}/{name}"
        for kind, name in (("hl7V2Stores", "messages"), ("dicomStores", "images"), ("fhirStores", "records"))
    )
    bucket = buckets[0] if buckets else "scans"
    lines = [
        f"curl {url}/v1/{dicom}/dicomWeb/studies",
        f"curl {url}/v1/{dicom}:getDICOMStoreMetrics",
        f'curl -X POST -d \'{{"gcsSource": {{"uri": "gs://{bucket}/**.dcm"}}}}\' {url}/v1/{dicom}:import',
        f"curl {url}/v1/{hl7v2}/messages?view=FULL",
        f"curl {url}/v1/{fhir}/fhir/Patient",
        f"export CLOUDSDK_API_ENDPOINT_OVERRIDES_HEALTHCARE={url}/",
        f"gcloud healthcare dicom-stores describe {dicom}",
    ]
    where = (
        f"gs://{bucket} is the folder that --bucket names."
        if buckets
        else "gs://scans is the folder buckets/scans below --data, unless --bucket scans=FOLDER names another one."
    )
    text = escape("\n".join(lines))
    return f"<h2>To try next</h2><pre>{text}</pre><p>{escape(where)}</p>"


def _table(rows: Rows) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in rows[0])
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{_cells(row)}</tr>' for row in rows)}</table>"


def _cells(row: dict[str, Any]) -> str:
    return "".join(f"<td>{escape(str(value))}</td>" for value in row.values())
