"""The front page as HTML: the stores, the latest operations, and commands to try next."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from gateway.sandbox.operations.log import state
from gateway.sandbox.overview.commands import commands_of, where_buckets_are
from gateway.sandbox.pages import chip, command, page, table

Rows = list[dict[str, Any]]
KINDS = {"dicomStores": "DICOM", "hl7V2Stores": "HL7v2", "fhirStores": "FHIR"}
NOT_COUNTS = ("name", "latest", "bytes")
SINGULAR = {"studies": "study", "instances": "instance", "messages": "message", "resources": "resource"}
COUNTED = {"success": "succeeded", "failure": "failed"}
ABOUT = (
    "Google's Cloud Healthcare API, Cloud Storage, BigQuery and Pub/Sub at {}. Nothing leaves this machine."
    " Reload the page to see what is new."
)
EMPTY = '<p class="card">Nothing has been stored yet. A command below makes the first store.</p>'


def page_of(
    found: Mapping[str, Rows], url: str, buckets: Sequence[str], *, strict: bool = False, search: str = ""
) -> str:
    """Return the page of the sandbox at *url*; *buckets* are the names of those that are folders elsewhere.

    With *strict*, a store has to be made before it is used, which the commands then do. *search* is the part that
    searches public tables, as HTML.
    """
    stores = [_store(kind, store) for kind in KINDS for store in found[kind]]
    parts = [
        f'<p class="dim">{escape(ABOUT.format(url))}</p>',
        "<h2>Stores</h2>",
        *(stores or [EMPTY]),
        search,
        *_operations(found["operations"], found.get("reasons", [])),
        "<h2>To try next</h2>",
        *map(command, commands_of(found, url, buckets, strict=strict)),
        f'<p class="dim">{escape(where_buckets_are(buckets))}</p>',
    ]
    return page("Hilum sandbox", "\n".join(parts))


def _store(kind: str, store: Mapping[str, Any]) -> str:
    above, _, name = store["name"].rpartition(f"/{kind}/")
    latest = store["latest"]
    fold = f"<details><summary>The latest {len(latest)}</summary>{table(latest)}</details>" if latest else ""
    head = _head(name, chip(KINDS[kind]), ", ".join(_counts(store)))
    return f'<div class="card">{head}<p class="dim"><code>{escape(above)}</code></p>{fold}</div>'


def _head(name: str, state_: str, counts: str, when: str = "") -> str:
    """Return the first line of a card; *state_* and *when* are HTML."""
    return (
        f'<div class="top"><span class="name">{escape(name)}</span>{state_}<span>{escape(counts)}</span>'
        f'<span class="dim">{when}</span></div>'
    )


def _counts(store: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is in a store: numbers with their nouns, which are plural in the database."""
    for noun, number in store.items():
        if noun not in NOT_COUNTS:
            yield f"{number:,} {SINGULAR.get(noun, noun) if number == 1 else noun}"
    if store.get("bytes"):
        yield _size(store["bytes"])


def _size(octets: int) -> str:
    number, unit = float(octets), "bytes"
    for larger in ("kB", "MB", "GB"):
        if number >= 1000:
            number, unit = number / 1000, larger
    return f"{number:,.0f} {unit}" if number >= 100 or unit == "bytes" else f"{number:.2g} {unit}"


def _operations(operations: Rows, reasons: Rows) -> Iterator[str]:
    if operations:
        yield "<h2>Latest operations</h2>"
    for each in operations:
        metadata = each["metadata"]
        why = [row for row in reasons if row["operation"] == each["name"].rpartition("/")[2]]
        lines = [f"{row['count']:,} {'time' if row['count'] == 1 else 'times'}: {row['reason']}" for row in why]
        if "error" in each:
            lines.insert(0, each["error"]["message"])
        kind = "stop" if "error" in each else "ok" if each.get("done") else ""
        began = escape(metadata["createTime"][:19].replace("T", " "))
        when = f'{began} UTC <a href="/v1/{escape(each["name"])}/logs">log</a>'
        method = metadata["apiMethodName"].rpartition(".")[2]
        head = _head(method, chip(state(each).partition(":")[0], kind), _counter(metadata), when)
        yield f'<div class="card">{head}{"".join(f"<p>{escape(line)}</p>" for line in lines)}</div>'


def _counter(metadata: Mapping[str, Any]) -> str:
    return ", ".join(f"{number} {COUNTED.get(name, name)}" for name, number in metadata.get("counter", {}).items())
