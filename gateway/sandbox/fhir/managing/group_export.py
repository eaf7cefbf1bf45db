"""``Group/{id}/$export``: the members of a group, each patient followed by its record."""

from collections.abc import Iterator

from gateway.sandbox.fhir.everything import record
from gateway.sandbox.fhir.managing.exporting import Chosen
from gateway.sandbox.fhir.outcome import FhirError
from gateway.sandbox.fhir.references import references
from gateway.sandbox.fhir.search.rows import read_link
from gateway.sandbox.fhir.session import Held, Session


def rows_of_group(session: Session, identifier: str, chosen: Chosen) -> dict[str, list[int]]:
    """Return the rows of each file: ``Patient`` with the records, and the group and its other members by type.

    A resource may be there more than once: in the record of each patient that it belongs to. The group is not.
    """
    group = session.read("Group", identifier)
    found: dict[str, list[int]] = {}
    patients: list[int] = []
    for held in (group, *_members(session, group)):
        if held.type == "Patient":
            own = [each for each in _patient_first(session, held) if each.rid != group.rid]
            patients += [each.rid for each in own if _is_chosen(each, chosen)]
        elif _is_chosen(held, chosen):
            found.setdefault(held.type, []).append(held.rid)
    return {**({"Patient": patients} if patients else {}), **found}


def _members(session: Session, group: Held) -> Iterator[Held]:
    """Yield the members that are resources of the store."""
    for member in group.resource().get("member", []):
        for reference in references(member):
            link = read_link(reference)
            try:
                yield session.read(link.type, link.target)
            except FhirError:  # a member elsewhere, or one that was deleted
                continue


def _patient_first(session: Session, patient: Held) -> list[Held]:
    rest = sorted((each for each in record(session, patient) if each.rid != patient.rid), key=lambda each: each.rid)
    return [patient, *rest]


def _is_chosen(held: Held, chosen: Chosen) -> bool:
    return held.version > chosen.since and (not chosen.types or held.type in chosen.types)
