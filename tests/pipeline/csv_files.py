"""The CSV files of the two hospitals, with what is wrong in them."""

import csv
import gzip
import io
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from tests.pipeline.cases import Case, Report
from tests.pipeline.people import Patient

COLUMNS: Mapping[str, dict[str, Any]] = {
    "north": {
        "accession": "ACC_NO",
        "date": "REPORT_DATE",
        "text": "REPORT",
        "status": "STATUS",
        "study": "STUDY_UID",
        "names": ["PAT_NAME"],
        "telephones": ["PHONE"],
        "births": ["DOB"],
    },
    "south": {"accession": "Accession", "text": "Findings", "patient": "PatNr"},
}
FORMATS: Mapping[str, dict[str, Any]] = {"north": {}, "south": {"encoding": "cp1252"}}
PLACES = {"north": ("dicom/**.dcm", "reports/*.csv"), "south": ("**.dcm", "csv/*")}
HEADS = {
    "north": ["ACC_NO", "STATUS", "STUDY_UID", "PAT_NAME", "PHONE", "DOB", "REPORT_DATE", "REPORT"],
    "south": ["PatNr", "Accession", "Findings"],
}
ROWS_IN_A_FILE = 60
Objects = dict[tuple[str, str], bytes]


class Files:
    """The files of one hospital."""

    def __init__(self, hospital: str, chance: Random) -> None:
        self._hospital, self._chance = hospital, chance
        self._files: list[list[Report]] = [[]]
        self._overlap: list[Report] = []
        self._updated: list[tuple[Sequence[Report], Sequence[Report]]] = []
        self.dead: dict[tuple[str, str], int] = {}
        self.unread: set[str] = set()

    def add(self, case: Case) -> None:
        """Add the rows of a case."""
        self._overlap += case.elsewhere
        if case.newer:
            self._updated.append((case.rows, case.newer))
            return
        if len(self._files[-1]) >= ROWS_IN_A_FILE:
            self._files.append([])
        self._files[-1] += case.rows

    def written(self, named: Patient, other: Patient) -> Iterator[Objects]:
        """Yield the files of each delivery; *named* is in a name, *other* in what cannot be read."""
        first: Objects = {}
        for number, rows in enumerate(self._files):
            octets = self._octets(self._lines(rows))
            first[self._place(f"2021-03 {number}")] = gzip.compress(octets, mtime=0) if number % 4 == 1 else octets
        if self._overlap:
            first[self._place("overlap")] = self._octets(self._lines(self._overlap))
        first |= self._bad(other)
        updated = self._place(named.family)
        yield first | ({updated: self._octets(self._lines(self._rows_of(0)))} if self._updated else {})
        yield {updated: self._octets(self._lines(self._rows_of(1)))} if self._updated else {}

    def _rows_of(self, version: int) -> list[Report]:
        return [row for versions in self._updated for row in versions[version]]

    def _place(self, name: str) -> tuple[str, str]:
        folder, _, pattern = PLACES[self._hospital][1].rpartition("/")
        return self._hospital, f"{folder}/{name}{pattern.removeprefix('*')}"

    def _lines(self, rows: Sequence[Report]) -> list[str]:
        return [self._line(HEADS[self._hospital]), *(self._line(self._fields(row)) for row in rows)]

    def _fields(self, row: Report) -> list[str]:
        who = row.patient
        if self._hospital == "south":
            return [who.number, row.accession, row.text]
        name, birth = f"{who.family}, {who.given}", f"{who.birth:%d-%b-%Y}"
        return [row.accession, row.status, row.study, name, who.telephone, birth, row.day, row.text]

    def _line(self, fields: Sequence[str]) -> str:
        file = io.StringIO(newline="")
        if self._hospital == "north":
            csv.writer(file).writerow(fields)
        else:
            csv.writer(file, delimiter=";", lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(fields)
        return file.getvalue()

    def _octets(self, lines: Sequence[str]) -> bytes:
        content = "".join(lines)
        if self._hospital == "south":
            return content.encode("cp1252")
        return content.encode(self._chance.choice(("utf-8", "utf-8-sig", "utf-16")))

    def _bad(self, patient: Patient) -> Objects:
        """Return files with rows that cannot be read, and files that cannot be read as a whole."""
        row = Report("unread", "BAD1", patient, "2021-03-03", f"unread {patient.family}")
        good = self._line(self._fields(row))
        ragged, nul = (
            good.rstrip() + (";" if self._hospital == "south" else ",") + "x\n",
            good.replace("unread", "un\0read"),
        )
        inner = f'"{patient.family} "is" here"\n'
        rows, encoding = self._place("bad"), self._place("encoding")
        other = "utf-8" if self._hospital == "south" else "cp1252"
        self.dead = {rows: 3, encoding: 1, self._place("binary"): 1}
        self.unread.add("unread")
        head = self._line(HEADS[self._hospital])
        return {
            rows: self._octets([head, ragged, nul, inner]),
            encoding: (head + good.replace("unread", "Größe")).encode(other),
            self._place("binary"): self._chance.randbytes(5000),
        }
