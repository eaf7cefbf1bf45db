"""Forgets a patient, a study or an instance of a hospital: in results, in all tables, and on the public side.

What is forgotten is written down first, so that whatever ends this, the next run goes on with it. An object of the
hospital itself is not touched: it belongs to the hospital, and from now on nothing is made of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.pipeline.accessions import accession_key
from adapters.pipeline.contract import Dead, Made
from adapters.pipeline.ledger import Ledger
from adapters.pipeline.planning import Bases, Planned, plan_of, with_forgotten
from adapters.pipeline.results import Results
from adapters.pipeline.results import digest_of as name_of
from adapters.pipeline.stages import deidentify, headers
from adapters.pipeline.stages.forgotten import FORGOTTEN, Forgotten, digest_of, digests_of
from adapters.pipeline.work import REPORTS, Work
from gateway.contract.errors import ConfigError

PENDING = "pending"
"""In the ledger: what was asked for and is not done yet."""


@dataclass(frozen=True, slots=True)
class Gone:
    """How much was forgotten."""

    images: int
    reports: int


def ask(work: Work, ledger: Ledger, hospital: str, uid: str) -> None:
    """Write down what is to be forgotten; raises ConfigError if there is no such hospital."""
    if hospital not in work.settings.hospitals:
        known = ", ".join(sorted(work.settings.hospitals))
        raise ConfigError(f"{hospital}: there is no such hospital; there is {known}")
    ledger.forget(hospital, PENDING, [uid])


def settle(work: Work, ledger: Ledger, version: str) -> Gone:
    """Forget what was asked for, in results; return how much that was."""
    images = reports = 0
    for hospital in work.settings.hospitals:
        for uid in sorted(ledger.forgotten(hospital, PENDING)):
            found = _forgotten(work, ledger, hospital, uid, version)
            images, reports = images + found.images, reports + found.reports
            ledger.unforget(hospital, PENDING, uid)
    return Gone(images, reports)


def _forgotten(work: Work, ledger: Ledger, hospital: str, uid: str, version: str) -> Gone:
    asked = Forgotten(digests_of(uid))
    results = Results(work.folder)
    plan = plan_of(with_forgotten(work, ledger), ledger, version)
    images, accessions = _images(plan, results, hospital, asked)
    ledger.forget(hospital, "uid", asked.uids)
    ledger.forget(hospital, "accession", accessions)
    reports = _reports(with_forgotten(work, ledger), plan, results, ledger, version, hospital)
    for each in images:  # they are found by their headers, which go last
        for stage in (deidentify.STAGE, headers.STAGE):
            name = each.results[stage][0]
            results.write(stage, name, Made(dead=[Dead(each.reference, stage, FORGOTTEN)]))
            results.remove(stage, [name], "made")
    return Gone(len(images), reports)


def _images(
    plan: Sequence[Planned], results: Results, hospital: str, asked: Forgotten
) -> tuple[list[Planned], set[str]]:
    """Return the images that are meant, and the digests of the accession numbers of their studies."""
    found: list[Planned] = []
    accessions: set[str] = set()
    for each in plan:
        name = each.name(headers.STAGE, "made")
        if each.reference.hospital != hospital or name is None:
            continue
        (row,) = results.read(headers.STAGE, name, "made", each.reference).rows[headers.TABLE]
        if asked.has_row(row):
            found.append(each)
            if accession := accession_key(row.get("AccessionNumber")):
                accessions.add(digest_of(accession))
    return found, accessions


def _reports(work: Work, plan: Sequence[Planned], results: Results, ledger: Ledger, version: str, hospital: str) -> int:
    """Write the results of all files of reports again, without what is forgotten; return how many reports went."""
    bases, gone, count, named = Bases(work, version), work.forgotten[hospital], 0, []
    for each in plan:
        old, state = each.results.get(REPORTS, ("", None))
        if each.reference.hospital != hospital or state is None:
            continue
        made = results.read(REPORTS, old, state, each.reference)
        left = gone.without(made)
        count += len(made.rows.get(REPORTS, ())) - len(left.rows.get(REPORTS, ()))
        new = name_of(REPORTS, each.reference, bases(REPORTS, hospital))
        results.write(REPORTS, new, left)
        named.append((each.known, new))
        if new != old:
            results.remove(REPORTS, [old])
    ledger.resulted(named)
    return count
