"""``Patient/{id}/$everything``: the patient, what it refers to, and its compartment, in pages."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from gateway.sandbox.fhir.definitions.parameters import find_parameter
from gateway.sandbox.fhir.outcome import bad_query
from gateway.sandbox.fhir.search.index import number_of
from gateway.sandbox.fhir.search.moments import FIRST, LAST, interval
from gateway.sandbox.fhir.search.query import DEFAULT_COUNT, LARGEST_COUNT
from gateway.sandbox.fhir.search.sql import marks
from gateway.sandbox.fhir.session import Held, Session, held_of

TABLE = Path(__file__).with_name("definitions") / "patient_compartment.txt"
CARE_DATES = ("date", "period", "authored", "authoredon", "onset-date", "effective-time", "whenhandedover", "created")
"""The parameters that say when care was given: `start` and `end` are about these."""
_COLUMNS = "r.rid, r.type, r.id, r.version, r.method, r.body"


@cache
def compartment() -> Mapping[str, tuple[str, ...]]:
    """Return which references put a resource of a type into the compartment of a patient."""
    lines = [line.split("\t") for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    return {kind: tuple(codes.split(" ")) for kind, codes in lines}


def everything(session: Session, identifier: str, asked: Mapping[str, str]) -> tuple[list[Held], str]:
    """Return a page of the record of a patient and the token of the next page, empty on the last one."""
    patient = session.read("Patient", identifier)
    count = asked.get("_count", "")
    size = min(int(count) or DEFAULT_COUNT, LARGEST_COUNT) if count.isdecimal() and len(count) < 9 else DEFAULT_COUNT
    after = asked.get("_page_token", "0")
    if not after.isdecimal() or len(after) > 18:
        raise bad_query("_page_token is not valid")
    chosen = [each for each in record(session, patient) if _wanted(session, each, asked)]
    # The patient comes first; the others come in the order of their rows.
    rest = [each for each in chosen if each.rid != patient.rid]
    ordered = [*(each for each in chosen if each.rid == patient.rid), *sorted(rest, key=lambda each: each.rid)]
    page = ordered[int(after) : int(after) + size]
    more = len(ordered) > int(after) + size
    return page, str(int(after) + size) if more else ""


def record(session: Session, patient: Held) -> Iterator[Held]:
    """Yield a patient, what it refers to, and its compartment."""
    numbers = [
        number_of(session.store, kind, code)
        for kind, codes in compartment().items()
        for code in codes
        if find_parameter(kind, code)
    ]
    members = (
        f"SELECT {_COLUMNS} FROM fhir_resources r WHERE r.deleted = 0 AND (r.rid = ? OR r.rid IN"  # noqa: S608
        f" (SELECT rid FROM fhir_reference WHERE p IN ({marks(numbers)}) AND target = ? AND type = 'Patient')"
        " OR r.rid IN (SELECT o.rid FROM fhir_targets t JOIN fhir_resources o"
        " ON o.store = t.store AND o.type = t.type AND o.id = t.id WHERE t.rid = ?))"
    )
    for row in session.connection.execute(members, (patient.rid, *numbers, patient.id, patient.rid)).fetchall():
        yield held_of(row)


def _wanted(session: Session, held: Held, asked: Mapping[str, str]) -> bool:
    types = asked.get("_type", "")
    if types and held.type not in types.split(","):
        return False
    since = asked.get("_since", "")
    if since and held.version < _bound(since)[0]:
        return False
    start, end = asked.get("start", ""), asked.get("end", "")
    if not (start or end):
        return True
    return _in_time(session, held, _bound(start)[0] if start else FIRST, _bound(end)[1] if end else LAST)


def _bound(text: str) -> tuple[int, int]:
    found = interval(text.replace(" ", "+"))
    if found is None:
        raise bad_query("start, end and _since are dates")
    return found


def _in_time(session: Session, held: Held, low: int, high: int) -> bool:
    """Return whether the care dates of a resource overlap; one without such a date belongs to every time."""
    numbers = [number_of(session.store, held.type, code) for code in CARE_DATES if find_parameter(held.type, code)]
    spans = session.connection.execute(
        f"SELECT low, high FROM fhir_date WHERE rid = ? AND p IN ({marks(numbers)})",  # noqa: S608 - placeholders
        (held.rid, *numbers),
    ).fetchall()
    return not spans or any(span[0] < high and span[1] > low for span in spans)
