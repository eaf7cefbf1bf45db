"""Writes docs/fhir.md: which rows of HL7's maps are covered, and what becomes of the fields of real messages.

``python -m tests.corpus.write_fhir``. Without HL7's maps and the corpus beside the repository it writes nothing.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import adapters.fhir
from adapters.fhir.context import Options
from adapters.fhir.convert import ADMINISTRATIVE, CONVERTERS, Conversion, convert
from adapters.fhir.reading import NULL, read_message
from adapters.fhir.report import TEXTS, Reason
from adapters.fhir.settings import zone_of
from adapters.fhir.tables import table_names
from adapters.hl7.er7 import Header
from adapters.mllp.sending.files import messages_in
from gateway.contract.outcome import Refused
from tests.corpus.test_fhir_maps import MAPS, errata, map_file, map_name, map_rows, uncovered
from tests.corpus.test_hl7_corpus import FILES

PAGE = Path(__file__).parents[2] / "docs" / "fhir.md"
REASONS = Path(adapters.fhir.__file__).with_name("maps.csv")
OPTIONS = Options(zone=zone_of("America/New_York"))
HEAD = """# What is carried to FHIR

Made by `make docs` from the tables of the step, from HL7's maps
([v2-to-FHIR](https://build.fhir.org/ig/HL7/v2-to-fhir/)), and from the HL7v2 messages
that other projects use for their tests. [steps.md](steps.md#hl7v2_to_fhir) explains the step.

"""
ROWS = """## Rows of HL7's maps

HL7's map of a message says which segment maps it uses. Counted are their rows with a target in FHIR that name a
field; a row that sets a constant
belongs to them. *Covered*: a row of `adapters/fhir/rows/` carries the field to the same element. *Otherwise*:
it is carried to another element, or by
code, as `adapters/fhir/errata.csv` and `adapters/fhir/maps.csv` say. *Missing*: it is not carried; the reason
is below, and the report of each message
names the field.

| HL7's map | rows with a target | covered | otherwise | missing |
|---|---|---|---|---|
"""
MISSING = """
### Otherwise and missing

| segment map | fields | where | reason |
|---|---|---|---|
"""
FIELDS = """
## Fields of real messages

{messages:,} messages of the corpus are converted, with a time zone and without other settings. Counted is each
field with a value, without those about the message itself (MSH, SFT, EVN-1 and EVN-2). *In part*: a component, a
repetition or the form is left out, which is reported. *Reported*: the field is not carried; the report names it.

| messages | number | fields | carried | in part | reported |
|---|---|---|---|---|---|
"""
SEGMENTS = """
| segment | fields | carried | in part | reported | most often reported |
|---|---|---|---|---|---|
"""
PARTLY = """
| reason | fields |
|---|---|
"""


def render() -> str:
    """Return the page: as it is, where the maps or the corpus are not there."""
    if not (MAPS.is_dir() and FILES):
        return PAGE.read_text("utf-8")
    return HEAD + ROWS + "".join(_messages()) + MISSING + "".join(_reasons()) + _fields()


@cache
def reasons() -> dict[str, tuple[frozenset[int], str, str]]:
    """Return HL7's maps for which there is no table of ours: the fields that code carries, its file, and the reason."""
    with REASONS.open(encoding="utf-8", newline="") as file:
        return {
            row["map"]: (frozenset(map(int, row["fields"].split())), row["here"], row["reason"])
            for row in csv.DictReader(file)
        }


@cache
def tables() -> dict[str, list[str]]:
    """Return our tables for each of HL7's maps."""
    found: dict[str, list[str]] = {}
    for table in table_names("rows"):
        found.setdefault(map_name(table), []).append(table)
    return found


def maps_of(path: Path) -> list[str]:
    """Return the segment maps that HL7's map of a message names."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        text = "\n".join(cell for row in csv.reader(file) for cell in row)
    return list(dict.fromkeys(re.findall(r"\b[A-Z][A-Z0-9]{2}\[[A-Za-z-]+\]", text)))


def is_converted(name: str) -> bool:
    """Whether the messages of HL7's map are converted: ``ADT_A01``."""
    kind, event = name.split("_")
    return (kind, event) in CONVERTERS


def message_maps() -> list[tuple[str, list[str]]]:
    """Return HL7's maps of the messages that are converted, with their segment maps."""
    found = []
    for path in sorted((MAPS.parent / "messages").iterdir()):
        name = re.search(r"[A-Z]{3}_[A-Z0-9]{3}", path.name)
        if name is not None and is_converted(name[0]):
            found.append((name[0], [each for each in maps_of(path) if map_file(each) is not None]))
    return found


@cache
def judged(name: str) -> Counter[str]:
    """Return how many rows of a segment map are covered, otherwise or missing."""
    path = map_file(name)
    assert path is not None
    counts: Counter[str] = Counter()
    for field, _ in map_rows(path):
        found = re.fullmatch(r"[A-Z0-9]{3}-(\d+)", field)
        counts[_fate(name, int(found[1]) if found else 0)] += 1
    return counts


def _fate(name: str, number: int) -> str:
    """Return what becomes of a field of a segment map; number 0 is a constant, which belongs to the map as a whole."""
    if name not in tables():
        fields, here, _ = reasons().get(name, (frozenset(), "", ""))
        return "otherwise" if number in fields or (here and not number) else "missing"
    left = [(table, number) for table in tables()[name] if (table, number) in uncovered(table)]
    if len(left) < len(tables()[name]):
        return "covered"
    return "otherwise" if any(places()[each] for each in left) else "missing"


@cache
def places() -> dict[tuple[str, int], str]:
    """Return where a departure is done, by table and field; empty for what is missing."""
    path = Path(adapters.fhir.__file__).with_name("errata.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["table"], int(row["field"])): row["here"] for row in csv.DictReader(file)}


def _messages() -> Iterator[str]:
    for message, maps in message_maps():
        counts = sum((judged(each) for each in maps), Counter[str]())
        row = " | ".join(str(counts[each]) for each in ("covered", "otherwise", "missing"))
        yield f"| {message} | {counts.total()} | {row} |\n"


def _reasons() -> Iterator[str]:
    used = sorted({each for _, maps in message_maps() for each in maps})
    for name in used:
        for table in tables().get(name, ()):
            for (each, number), reason in sorted(errata().items()):
                if each == table:
                    yield f"| {name} | {number} | {_file(places()[each, number])} | {reason} |\n"
        if name not in tables():
            fields, here, reason = reasons()[name]
            listed = ", ".join(map(str, sorted(fields))) or "all"
            yield f"| {name} | {listed} | {_file(here)} | {reason} |\n"


def _file(here: str) -> str:
    return f"`{here}`" if here else "missing"


def _fields() -> str:
    kinds: Counter[str] = Counter()
    fates: Counter[tuple[str, str, str]] = Counter()
    partly: Counter[Reason] = Counter()
    for data in _converted():
        kind = _kind(data)
        kinds[kind] += 1
        for segment, number, found in _fates(data):
            fate = "carried" if not found else "reported" if Reason.NOT_MAPPED in found else "in part"
            fates[kind, f"{segment}-{number}", fate] += 1
            partly.update(found - {Reason.NOT_MAPPED})
    head = FIELDS.format(messages=kinds.total())
    listed = "".join(f"| {each} | {kinds[each]:,} | {_counted(fates, each)} |\n" for each in sorted(kinds))
    parts = "".join(f"| {TEXTS[reason]} | {count:,} |\n" for reason, count in partly.most_common())
    return head + listed + SEGMENTS + "".join(_by_segment(fates)) + PARTLY + parts


def _converted() -> Iterator[bytes]:
    for path in FILES:
        for data in messages_in(path.read_bytes()):
            if Header.parse(data) is not None and isinstance(convert(data, OPTIONS), Conversion):
                yield data


def _kind(data: bytes) -> str:
    header = Header.parse(data)
    assert header is not None
    return f"{header.text(9)}^{header.text(9, 2)}" if header.text(9) != "ADT" else "ADT"


def _fates(data: bytes) -> Iterator[tuple[str, int, set[Reason]]]:
    """Yield each field with a value, and the reasons why it, or a part of it, is left out."""
    message, made = read_message(data), convert(data, OPTIONS)
    assert not isinstance(message, Refused)
    assert isinstance(made, Conversion)
    left: dict[str, set[Reason]] = {}
    for each in made.report:
        place = re.match(r"[^-]+-\d+", each.place)
        if place is not None:
            left.setdefault(place[0], set()).add(each.reason)
    for segment in message.segments:
        for number, value in enumerate(segment.fields):
            if number and value and value != NULL and number not in ADMINISTRATIVE.get(segment.name, ()):
                yield segment.name, number, left.get(segment.place(number), set())


def _counted(fates: Counter[tuple[str, str, str]], kind: str = "", segment: str = "") -> str:
    """Return the counts of the fields of a type of message, or of a segment, as cells."""
    counts: Counter[str] = Counter()
    for (each, field, fate), count in fates.items():
        if kind in {"", each} and segment in {"", field.partition("-")[0]}:
            counts[fate] += count
    shares = (f"{counts[fate]:,} ({counts[fate] / counts.total():.0%})" for fate in ("carried", "in part", "reported"))
    return " | ".join([f"{counts.total():,}", *shares])


def _by_segment(fates: Counter[tuple[str, str, str]]) -> Iterator[str]:
    sizes: Counter[str] = Counter()
    for (_, field, _), count in fates.items():
        sizes[field.partition("-")[0]] += count
    for segment, _ in sizes.most_common(30):
        left: Counter[str] = Counter()
        for (_, field, fate), count in fates.items():
            if fate == "reported" and field.partition("-")[0] == segment:
                left[field] += count
        most = ", ".join(f"{field} {count:,}" for field, count in left.most_common(5))
        yield f"| {segment} | {_counted(fates, segment=segment)} | {most} |\n"


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
