"""Which of several reports with one accession number is the current one; the others stay as its history.

Of two reports the later one is the correction, and what tells the later one is, in this order:

1. Their statuses, if they differ: a withdrawal is later than a correction, that one than a final report, and that one
   than a preliminary one.
2. The version of the file: what a newer version of a file says replaces what an older one says.
3. The date of the report, and its place: the later row of one file, or the file that the bucket took later. If both
   tell something, they must not contradict each other. Two final reports with one accession number, or statuses of
   which nobody knows what they mean (an addendum, with or without what it adds to), are no correction of each other.

Where nothing tells it, or the reports name different patients or studies, all of them are ambiguous.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from adapters.pipeline.accessions import accession_key, patient_key, uid_key
from adapters.pipeline.contract import Row

STATUSES = {
    **dict.fromkeys(("P", "R", "S", "I", "PRELIMINARY", "PARTIAL", "REGISTERED", "DRAFT"), 1),
    **dict.fromkeys(("F", "FINAL", "VERIFIED"), 2),
    **dict.fromkeys(("C", "CORRECTED", "AMENDED"), 3),
    **dict.fromkeys(("X", "W", "D", "CANCELLED", "CANCELED", "ENTERED-IN-ERROR", "DELETED", "WITHDRAWN"), 4),
}
"""HL7 tables 0123 and 0085, FHIR's DiagnosticReportStatus, and the English words."""
FINAL, WITHDRAWN = 2, 4


class State(Enum):
    """What a report is among those with its accession number."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    """There is a later version."""
    REPEATED = "repeated"
    """It says what another one says as well."""
    WITHDRAWN = "withdrawn"
    """The latest version says that there is no report."""
    AMBIGUOUS = "ambiguous"


def states(reports: Iterable[Row]) -> dict[str, State]:
    """Return the state of each report by its ``report_id``, whatever the order of *reports*."""
    groups: dict[Hashable, list[Row]] = defaultdict(list)
    found: dict[str, State] = {}
    for row in reports:
        accession, study = accession_key(row["accession"]), uid_key(row["study"])
        if accession or study:
            groups[row["hospital"], accession, "" if accession else study].append(row)
        else:
            found[row["report_id"]] = _alone(row)
    for group in groups.values():
        found |= _of_group(group)
    return found


def _of_group(group: Sequence[Row]) -> Mapping[str, State]:
    """Return the states of the reports with one accession number."""
    if len(group) == 1:
        return {group[0]["report_id"]: _alone(group[0])}
    distinct: dict[Hashable, list[Row]] = defaultdict(list)
    for row in group:
        distinct[_said(row)].append(row)
    newest = [max(same, key=_order) for same in distinct.values()]
    repeated = {row["report_id"]: State.REPEATED for row in group}
    current = _latest(newest)
    if current is None:
        return repeated | {row["report_id"]: State.AMBIGUOUS for row in newest}
    superseded = {row["report_id"]: State.SUPERSEDED for row in newest}
    return repeated | superseded | {current["report_id"]: _alone(current)}


def _alone(row: Row) -> State:
    """Return the state of a report that has no later one."""
    return State.WITHDRAWN if _status(row) == WITHDRAWN else State.CURRENT


def _status(row: Row) -> int | None:
    """Return the place of a status among the others: 0 if the report has none, None if nobody knows it."""
    return STATUSES.get(row["status"].upper()) if row["status"] else 0


def _said(row: Row) -> Hashable:
    """Return what a report says: files that overlap have the same reports."""
    return (
        patient_key(row["patient"]),
        row["study"],
        row["status"].upper(),
        row["report_time"] or row["report_date"],
        row["text"],
    )


def _order(row: Row) -> tuple[str, str, str, int]:
    """Return a key by which rows are in one order always."""
    return row["modified"], row["object"], row["version"], row["row"]


def _latest(rows: Sequence[Row]) -> Row | None:
    """Return the row that is later than each of the others; None if there is none."""
    patients, studies = {patient_key(row["patient"]) for row in rows}, {uid_key(row["study"]) for row in rows}
    if len(patients - {""}) > 1 or len(studies - {""}) > 1:
        return None
    candidate = rows[0]
    for row in rows[1:]:
        if _later(row, candidate):
            candidate = row
    return candidate if all(row is candidate or _later(candidate, row) for row in rows) else None


def _later(row: Row, other: Row) -> bool:
    """Whether *row* is certainly a later version than *other*."""
    one, two = _status(row), _status(other)
    if one and two and one != two:
        return one > two
    if row["object"] == other["object"] and row["version"] != other["version"]:
        return bool(row["modified"] > other["modified"])
    if one is None or two is None or one == two == FINAL:
        return False
    tells = _by_date(row, other), _by_place(row, other)
    return max(tells) > 0 and min(tells) >= 0


def _by_place(row: Row, other: Row) -> int:
    """Return 1 if *row* is at a later place, -1 if *other* is, 0 if nothing tells it."""
    if row["object"] == other["object"]:
        return _compared(row["row"], other["row"])
    return _compared(row["modified"], other["modified"])


def _by_date(row: Row, other: Row) -> int:
    """Return likewise which of them has the later date; a clock counts if both have one, with or without a zone."""
    if not row["report_date"] or not other["report_date"]:
        return 0
    if row["report_time"] and other["report_time"]:
        times = [datetime.fromisoformat(each["report_time"]) for each in (row, other)]
        if (times[0].tzinfo is None) == (times[1].tzinfo is None):
            return _compared(*times)
    return _compared(row["report_date"], other["report_date"])


def _compared(one: Any, other: Any) -> int:
    return 1 if one > other else -1 if one < other else 0
