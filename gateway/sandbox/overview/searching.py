"""The part of the front page that searches public tables of the research pipeline: a form, and rows with thumbnails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from gateway.contract.pipeline import PipelineError, SearchPublic
from gateway.contract.tables import Answer
from gateway.sandbox.overview.datasets import Dataset, address_of, datasets_in, is_picture

MOST = 50
THUMBNAIL, REPORT = "thumbnail", "report"
UNKNOWN = "there is no such public table; choose one"
NOTHING = "No report has all of these words."


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks."""

    table: str = ""
    """The URI of a public table; empty if nothing is asked."""
    words: str = ""


def search_part(buckets: Mapping[str, Path], asked: Asked, search: SearchPublic) -> str:
    """Return the part as HTML; empty if no bucket has a public table. Blocks."""
    datasets = list(datasets_in(buckets))
    if not datasets:
        return ""
    parts = ["<h2>Public tables</h2>", _form(datasets, asked)]
    if asked.table:
        try:
            dataset = next((each for each in datasets if each.uri == asked.table), None)
            if dataset is None:
                raise PipelineError(UNKNOWN)
            parts += _found(buckets, search(dataset.folder, asked.words, MOST + 1))
        except PipelineError as error:
            parts.append(f'<p class="card" role="status">{escape(str(error))}</p>')
    return "\n".join(parts)


def _form(datasets: Sequence[Dataset], asked: Asked) -> str:
    options = "".join(
        f"<option{' selected' if each.uri == asked.table else ''}>{escape(each.uri)}</option>" for each in datasets
    )
    return (
        '<form class="card search" role="search" action="/" method="get">'
        f'<label>Words of a report <input name="words" value="{escape(asked.words)}" autocomplete="off"></label>'
        f'<label>Table <select name="table">{options}</select></label><button>Search</button></form>'
    )


def _found(buckets: Mapping[str, Path], answer: Answer) -> list[str]:
    if not answer.rows:
        return [f'<p role="status">{NOTHING}</p>']
    rows = [dict(zip(answer.names, each, strict=True)) for each in answer.rows[:MOST]]
    count = f"The first {MOST} rows" if len(answer.rows) > MOST else f"{len(rows)} row{'s' if len(rows) > 1 else ''}"
    first = next((each[THUMBNAIL] for each in rows if is_picture(each.get(THUMBNAIL))), None)
    address = None if first is None else address_of(buckets, first)
    names = [name for name in answer.names if name != THUMBNAIL]
    head = "".join(f"<th>{escape(name)}</th>" for name in ("", *names))
    body = "".join(f"<tr>{_picture(each.get(THUMBNAIL), address)}{_cells(names, each)}</tr>" for each in rows)
    told = f'<p role="status">{count}.{_hint(first, address)}</p>'
    region = '<div class="scroll rows" tabindex="0" role="region" aria-label="rows">'
    return [told, f"{region}<table><tr>{head}</tr>{body}</table></div>"]


def _hint(first: str | None, address: str | None) -> str:
    if first is None or address is not None:
        return ""
    return " No bucket has the thumbnails: start the sandbox with another --bucket NAME=FOLDER for them."


def _picture(key: object, address: str | None) -> str:
    if address is None or not is_picture(key):
        return "<td></td>"
    return f'<td><img src="{escape(address)}/{escape(str(key))}" alt="Thumbnail" loading="lazy"></td>'


def _cells(names: Sequence[str], row: Mapping[str, object]) -> str:
    classes = {REPORT: ' class="report"'}
    texts = ((name, "" if row[name] is None else escape(str(row[name]))) for name in names)
    return "".join(f"<td{classes.get(name, '')}>{text}</td>" for name, text in texts)
