"""Brings the rows of all hospitals through the gate, twice: into ``prod`` one by one, into ``public_table`` together.

The first time each row is searched for what is known of its patient, and its thumbnail was looked at again; the second
time it has the public columns only, and combinations of values count that too few patients have. Nothing passes before
the gate's report is on the disk.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.pipeline.contract import Made, Reference, Row
from adapters.pipeline.gate.candidates import OWN, PSEUDONYMS, TEXTS, Candidate, Rules
from adapters.pipeline.gate.identifiers import Identifiers, of_rows
from adapters.pipeline.gate.judging import gate
from adapters.pipeline.gate.parquet.checking import check
from adapters.pipeline.gate.release import Write, release
from adapters.pipeline.gate.strings import ManyStrings, distinctive
from adapters.pipeline.settings import PipelineSettings
from adapters.pipeline.stages.deidentify import LOOKS, THUMBNAIL
from adapters.pipeline.stages.final import REPORT, REPORT_DATE, REPORT_STATE
from gateway.contract.errors import ConfigError

GATED = ("prod", "public")
"""The tables before which the gate stands, as its reports are called."""
NOT_LOOKED = "its picture was not searched for text"


@dataclass(frozen=True, slots=True)
class Image:
    """A de-identified image, and what the identified side knows of whose it is."""

    reference: Reference
    row: Row
    """A row of ``final_table``."""
    made: Made
    """What the stage ``public`` has made."""
    metadata: Row | None
    """Its row of ``dicom_metadata``."""
    reports: Sequence[Row] = ()
    """The rows of ``reports`` of its study."""

    @property
    def patient(self) -> str:
        """Whose it is: the same number in two hospitals is that of two patients. Empty if nobody knows."""
        number = self.row.get("PatientID")
        return f"{self.reference.hospital} {number}" if number else ""


class Gate:
    """The gate with the rules of the settings; *write* writes its reports."""

    def __init__(self, settings: PipelineSettings, write: Callable[[str, bytes], None]) -> None:
        self._settings, self._write = settings, write

    def into_prod(self, images: Sequence[Image]) -> list[Row]:
        """Return the rows of ``final_table`` that may go on, as they are."""
        columns = frozenset(self._settings.public.columns) | PSEUDONYMS | OWN
        rules = Rules(
            columns | {REPORT, REPORT_DATE, REPORT_STATE, "hospital"},
            k=1,
            not_identifying=columns | {REPORT, REPORT_DATE, REPORT_STATE, "hospital"},
            second_look=self._settings.gate.second_look,
        )
        candidates = [Candidate(_name(each.row), each.patient, each.row, each.made.files) for each in images]
        verdict = gate(candidates, identifiers(images), rules, _looks(images))
        return [each.row for each in release(verdict, self._named(GATED[0]))]

    def into_public(self, rows: Iterable[Row], images: Sequence[Image]) -> list[Row]:
        """Return the rows of ``public_table`` for rows of ``prod``."""
        columns = frozenset({*self._settings.public.columns, THUMBNAIL})
        by_name = {_name(each.row): each for each in images}
        candidates = []
        for row in rows:
            image = by_name[_name(row)]
            told = {name: value for name, value in row.items() if name in columns}
            candidates.append(Candidate(_name(row), image.patient, told, image.made.files))
        asked = self._settings.gate
        rules = Rules(
            columns,
            k=asked.k_anonymity,
            not_identifying=PSEUDONYMS | TEXTS | OWN | set(asked.not_identifying),
            rare=asked.rare_values,
            second_look=asked.second_look,
        )
        verdict = gate(candidates, identifiers(images), rules, _looks(images))
        return [each.row for each in release(verdict, self._named(GATED[1]))]

    def inspector(self, images: Sequence[Image]) -> Callable[[Path], None]:
        """Return what refuses a finished file of the public table that has an identifier in any octet.

        Raises ConfigError with the reason: then the table stays as it was.
        """
        columns = frozenset({*self._settings.public.columns, THUMBNAIL})
        forbidden = ManyStrings(distinctive(identifiers(images).values()))

        def inspect(path: Path) -> None:
            if reason := check(path, columns, forbidden):
                raise ConfigError(f"pipeline.public: the table is not published: a finished file was refused: {reason}")

        return inspect

    def _named(self, table: str) -> Write:
        return lambda name, octets: self._write(f"{table}-{name}", octets)


def _name(row: Row) -> str:
    """Return how a row is called in the report: by pseudonyms and the hospital, in which UIDs are unique."""
    return f"{row['hospital']} {row['SOPInstanceUID']}"


def _looks(images: Iterable[Image]) -> Callable[[bytes], str]:
    """Return the second look, which the stage ``public`` has done already in one of its processes."""
    known = {
        each.made.files[look["key"]]: str(look["reason"]) for each in images for look in each.made.rows.get(LOOKS, ())
    }
    return lambda octets: known.get(octets, NOT_LOOKED)


def identifiers(images: Iterable[Image]) -> Mapping[str, Identifiers]:
    """Return by patient what the identified side knows: from headers, and from the rows of reports."""
    metadata: dict[str, list[Row]] = {}
    reports: dict[str, dict[str, Row]] = {}
    for each in images:
        if each.patient and each.metadata is not None:
            metadata.setdefault(each.patient, []).append(each.metadata)
            reports.setdefault(each.patient, {}).update({row["report_id"]: row for row in each.reports})
    return {patient: of_rows(rows) | _of_reports(reports[patient].values()) for patient, rows in metadata.items()}


def _of_reports(rows: Iterable[Row]) -> Identifiers:
    found: dict[str, set[str]] = {"names": set(), "numbers": set(), "telephones": set(), "births": set()}
    for row in rows:
        for kind, values in (row.get("known") or {}).items():
            found.setdefault(kind, set()).update(values)
        found["numbers"].update(each for each in (row["accession"], row["patient"]) if len(each) > 2)
    return Identifiers(
        frozenset(found["names"]),
        frozenset(found["numbers"]),
        frozenset(found["telephones"]),
        frozenset(found["births"]),
    )
