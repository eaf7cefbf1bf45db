"""Whose a resource is that the store has under the number of a message."""

from dataclasses import replace
from typing import Any

import pytest

from adapters.rest.fhir.entries import Entry
from adapters.rest.fhir.merging import created
from adapters.rest.fhir.subjects import ANOTHER, Anothers, find_anothers, joined, linked_with, links_of, patients
from gateway.contract.outcome import Refused, Stored
from tests.adapters.rest.fhir.delivering import converted
from tests.adapters.rest.fhir.fake import Asked, Fake, all_done, page
from tests.adapters.rest.fhir.making import entry
from tests.adapters.rest.fhir.stories import ANNA, START, pv1, said
from tests.adapters.rest.fhir.test_store import answered

Json = dict[str, Any]
ANNAS, BOBS = {"reference": "Patient/a"}, {"reference": "Patient/b"}
REFUSED = Refused(ANOTHER.format(kind="Encounter"), code="204")


def visit(subject: Json | None, **words: Any) -> Entry:
    """Return an entry about a visit."""
    return entry({"resourceType": "Encounter", **({"subject": subject} if subject else {})}, **words)


def anothers(one: Entry, old: Json, *people: Json, more: dict[str, set[str]] | None = None) -> Anothers | None:
    """Return whether *old* is another patient's, when the store has also *people*."""
    olds = {one.position: old, **{100 + number: each for number, each in enumerate(people)}}
    return find_anothers([one], olds, {}, more or {})


def appointment(*actors: Any) -> Entry:
    """Return an entry about an appointment."""
    return entry({"resourceType": "Appointment", "participant": [{"actor": each} for each in actors]})


DOCTOR = {"reference": "Practitioner/1"}


VISITS: dict[str, tuple[bool, Entry, Json]] = {
    "of the same patient": (False, visit(ANNAS), {"subject": ANNAS}),
    "of another": (True, visit(BOBS), {"subject": ANNAS}),
    "of another, only named": (True, visit(BOBS, stub=True), {"subject": ANNAS}),
    "of a new patient": (True, visit({"reference": "urn:uuid:9"}), {"subject": ANNAS}),
    "moved": (False, replace(visit(BOBS), moves=True), {"subject": ANNAS}),
    "of nobody": (False, visit(BOBS), {}),
    "for nobody": (False, visit(None), {"subject": ANNAS}),
    "of a group": (False, visit(BOBS), {"subject": {"reference": "Group/1"}}),
    "of a whole address": (True, visit(BOBS), {"subject": {"reference": "https://s/fhir/Patient/a/_history/1"}}),
    "of the same whole address": (False, visit(ANNAS), {"subject": {"reference": "https://s/fhir/Patient/a"}}),
    "of a family, which gets one more": (False, visit(BOBS, adds=("subject",)), {"subject": [ANNAS]}),
    "of odd content": (False, visit(BOBS), {"subject": ["x", {"reference": 1}, {"reference": "Patient/.."}]}),
    "a vaccination": (True, entry({"patient": BOBS}), {"patient": ANNAS}),
    "an appointment": (True, appointment(BOBS, DOCTOR), {"participant": [{"actor": ANNAS}, {"actor": DOCTOR}]}),
    "an appointment of a group": (False, appointment(BOBS), {"participant": [{"actor": ANNAS}, {"actor": BOBS}]}),
    "an appointment for nobody": (False, appointment(DOCTOR), {"participant": [{"actor": ANNAS}]}),
    "an appointment of odd content": (False, appointment(BOBS), {"participant": ["x", {"actor": "y"}]}),
    "a coverage": (True, entry({"beneficiary": BOBS}), {"beneficiary": ANNAS}),
}


@pytest.mark.parametrize(("expected", "one", "old"), VISITS.values(), ids=VISITS)
def test_anothers(expected: bool, one: Entry, old: Json) -> None:
    """What is of another patient is found, unless the message moves it."""
    assert expected == (anothers(one, {"resourceType": one.kind, "id": "1", **old}) is not None)


def test_reason() -> None:
    """The reason names the kind of resource and the mend; whose it is, is told to the reader of the store only."""
    found = anothers(visit(BOBS), {"subject": ANNAS})
    assert Anothers(frozenset({"Patient/a"}), REFUSED) == found


LINK = {"resourceType": "Patient", "id": "b", "link": [{"other": ANNAS, "type": "replaces"}]}


def test_linked() -> None:
    """The visits of a record that was merged are the survivor's: also by links of others, and in either direction."""
    old = {"subject": ANNAS}
    assert None is anothers(visit(BOBS), old, LINK)
    assert None is anothers(visit(BOBS), old, {**LINK, "id": "c"}, more={"Patient/c": {"Patient/b"}})
    assert None is not anothers(visit(BOBS), old, {**LINK, "id": "c"})


def test_linked_by_the_message() -> None:
    """A merge and a visit in one message."""
    merge = entry({"link": [{"other": ANNAS, "type": "replaces"}]}, token="3", adds=("link",))
    names = {merge.url: "Patient/b"}
    assert None is find_anothers([visit(BOBS), merge], {1: {"subject": ANNAS}}, names, {})


def test_before_a_move() -> None:
    """What is older than a move may name the patient of before; what is newer may not."""
    moved = created(replace(visit(BOBS), moves=True, as_of="2024-05-02"), {})
    assert None is anothers(replace(visit(ANNAS), as_of="2024-05-01"), moved)
    assert None is not anothers(replace(visit(ANNAS), as_of="2024-05-03"), moved)


def test_results_of_a_moved_visit() -> None:
    """The results of a visit that was moved are corrected under its new patient."""
    moved = {**created(replace(visit(BOBS), moves=True, as_of="2024-05-02"), {}), "id": "v"}
    old = {"resourceType": "Observation", "subject": ANNAS, "encounter": {"reference": "Encounter/v"}}
    result = entry({"resourceType": "Observation", "subject": BOBS})
    assert None is anothers(result, old, moved)
    assert None is not anothers(result, {**old, "encounter": {"reference": "Encounter/w"}}, moved)


def test_parts() -> None:
    """Patients of a resource, and records that are linked over others."""
    assert {"Patient/a", "urn:uuid:1"} == patients({"subject": [ANNAS, {"reference": "urn:uuid:1"}]})
    links = joined(links_of([LINK, {"resourceType": "Group", "link": [{"other": BOBS}]}]), {"Patient/a": {"Patient/z"}})
    assert {"Patient/a", "Patient/b", "Patient/z"} == linked_with({"Patient/b"}, [links])


NUMBER = {"system": "urn:oid:1.2.3", "value": "7"}
PATIENT = {"resourceType": "Patient", "id": "b", "meta": {"versionId": "1"}, "identifier": [NUMBER]}
VISIT = {
    "resourceType": "Encounter",
    "id": "v",
    "meta": {"versionId": "1"},
    "identifier": [{"system": "urn:oid:1.2.3", "value": "V1"}],
    "subject": ANNAS,
}
MESSAGE = converted(said("A01", "02080000", ANNA, pv1(start=START)))


def held(chain: list[Json], status: int = 200) -> Fake:
    """Return a store that has the visit of another record, and records by their IDs."""
    people = {f"Patient/{each['id']}": each for each in chain}

    def search(asked: Asked) -> tuple[int, Any]:
        if asked.path.startswith("Patient/"):
            return (status, people[asked.path]) if asked.path in people else (404, {})
        return page(*(each for each in (PATIENT, VISIT) if each["resourceType"] == asked.path))

    return Fake(all_done, search)


def replaced(own: str, by: str) -> Json:
    """Return a record that was merged into another."""
    links = [{"other": {"reference": f"Patient/{by}"}, "type": "replaced-by"}]
    return {"resourceType": "Patient", "id": own, "link": links}


async def test_refused() -> None:
    """Nothing of a message is written that is about another patient's visit."""
    fake = held([{"resourceType": "Patient", "id": "a"}])
    outcomes, counted = await answered(fake, MESSAGE)
    assert ([REFUSED], [], []) == (outcomes, counted, fake.writes)


async def test_merged_several_times() -> None:
    """A visit of a record that was merged into one that was merged into the patient's is the patient's."""
    fake = held([replaced("a", "c"), replaced("c", "b")])
    assert [Stored()] == (await answered(fake, MESSAGE))[0]


@pytest.mark.parametrize(("status", "body"), [(503, {}), (200, {"resourceType": "Group", "id": "a"}), (200, [])])
async def test_unread(status: int, body: Any) -> None:
    """A record that cannot be read decides about the message: it is tried again, and nothing is written."""
    fake = held([{"id": "a"}])
    search = fake.search
    fake.search = lambda asked: (status, body) if asked.path == "Patient/a" else search(asked)
    (outcome,), _ = await answered(fake, MESSAGE)
    assert ("Unavailable", []) == (type(outcome).__name__, fake.writes)


async def test_read_in_the_middle() -> None:
    """A search that has seen the visit, and not yet its patient, is repeated before anything is refused."""
    fake = held([{"resourceType": "Patient", "id": "a"}])
    old_search, seen = fake.search, list[str]()

    def search(asked: Asked) -> tuple[int, Any]:
        seen.append(asked.path)
        own = {**VISIT, "subject": {"reference": "Patient/b"}}
        if asked.path == "Patient" and seen.count("Patient") == 1:
            return page()
        return page(own) if asked.path == "Encounter" else old_search(asked)

    fake.search = search
    assert [Stored()] == (await answered(fake, MESSAGE))[0]


async def test_circle() -> None:
    """Records that refer to each other end the search."""
    fake = held([replaced("a", "c"), replaced("c", "a")])
    assert [REFUSED] == (await answered(fake, MESSAGE))[0]
