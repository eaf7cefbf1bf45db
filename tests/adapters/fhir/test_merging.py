"""Stories of a patient in a store that merges as docs/steps.md says: each message says enough for that."""

from typing import Any

from adapters.fhir.convert import Conversion
from tests.adapters.fhir.making import PID, PV1, made
from tests.adapters.fhir.merging import Store

FULL = "PID|1||7^^^HOSP&1.2.3&ISO^MR||Test^Anna||19800315|F|||Way 1^^Town||555"
PRIOR = PID.replace("|7^", "|8^")
MRG = "MRG|8^^^HOSP&1.2.3&ISO^MR"
STAY = PV1 + "|" * 25 + "20240501"


def at(day: int, event: str, *segments: str) -> Conversion:
    """Return the conversion of an event of that day of May."""
    return made(f"EVN|{event}|202405{day:02}", *segments, kind=f"ADT^{event}")


def stored(*found: Conversion) -> Store:
    """Return a store that has taken these bundles."""
    store = Store()
    for each in found:
        store.take(each)
    return store


def only(store: Store, kind: str) -> Any:
    """Return the only resource of a type."""
    (resource,) = store.of(kind)
    return resource


def without_messages(store: Store) -> dict[str, Any]:
    """Return the resources without those that are about messages."""
    return {url: each for url, each in store.resources.items() if each["resourceType"] != "Provenance"}


def test_twice() -> None:
    """The same message twice leaves the same resources."""
    admission = at(1, "A01", FULL, STAY, "AL1|1||^Penicillin", "DG1|1||I10^^I10")
    assert stored(admission).resources == stored(admission, admission).resources


def test_absent_is_unchanged() -> None:
    """An update does not mention the address, and deletes the telephone."""
    update = at(2, "A08", FULL.replace("|||Way 1^^Town||555", '|||||""'), PV1)
    patient = only(stored(at(1, "A01", FULL, STAY), update), "Patient")
    assert ("Town", False) == (patient["address"][0]["city"], "telecom" in patient)


def test_update_keeps_the_status() -> None:
    """An update after a discharge leaves the visit finished."""
    discharge, update = at(2, "A03", FULL, STAY), at(3, "A08", FULL, PV1)
    assert "finished" == only(stored(at(1, "A01", FULL, STAY), discharge, update), "Encounter")["status"]


def test_cancelled_discharge() -> None:
    """A cancelled discharge opens the visit again, with its start and without its end."""
    visit = only(stored(at(1, "A01", FULL, STAY), at(2, "A03", FULL, STAY), at(3, "A13", FULL, PV1)), "Encounter")
    assert ("in-progress", {"start": "2024-05-01"}) == (visit["status"], visit["period"])


def test_cancelled_admission() -> None:
    """A cancelled admission is cancelled, and nothing is deleted."""
    store = stored(at(1, "A01", FULL, STAY), at(2, "A11", FULL, PV1))
    assert ("cancelled", 1) == (only(store, "Encounter")["status"], len(store.of("Patient")))


def test_transfer() -> None:
    """A transfer changes the place and not the status."""
    visit = only(stored(at(1, "A01", FULL, STAY), at(2, "A02", FULL, PV1.replace("W1", "W2"))), "Encounter")
    assert ("in-progress", "W2, 2, 3") == (visit["status"], visit["location"][0]["location"]["display"])


def test_late_update() -> None:
    """An update that comes late does not bring back what has changed since."""
    late = at(2, "A08", FULL.replace("Anna", "Ana"), PV1)
    assert ["Anna"] == only(stored(at(1, "A01", FULL, STAY), at(3, "A08", FULL, PV1), late), "Patient")["name"][0][
        "given"
    ]


def test_merge() -> None:
    """A merge changes two links and one activity; a later update of the old record does not bring it back to life."""
    store = stored(at(1, "A28", PRIOR), at(1, "A28", FULL), at(2, "A40", FULL, MRG), at(3, "A08", PRIOR, PV1))
    survivor, prior = sorted(store.of("Patient"), key=lambda each: each["identifier"][0]["value"])
    assert (False, "replaced-by", "replaces") == (
        prior["active"],
        prior["link"][0]["type"],
        survivor["link"][0]["type"],
    )
    assert ("Test", survivor["active"]) == (prior["name"][0]["family"], True)


def test_reverse_merge() -> None:
    """The reverse of a merge that was wrong leaves one active record and one link of each sort."""
    merges = (at(2, "A40", FULL, MRG), at(3, "A40", PRIOR, "MRG|7^^^HOSP&1.2.3&ISO^MR"))
    one, other = sorted(stored(*merges).of("Patient"), key=lambda each: each["identifier"][0]["value"])
    assert [(False, ["replaced-by"]), (True, ["replaces"])] == [
        (each["active"], [link["type"] for link in each["link"]]) for each in (one, other)
    ]


def test_added_again() -> None:
    """A person that was deleted and is added again is active; an unlinked one that was merged is too."""
    assert only(stored(at(1, "A29", FULL), at(2, "A28", FULL)), "Patient")["active"]
    found = stored(at(1, "A40", FULL, MRG), at(2, "A37", FULL, PRIOR)).of("Patient")
    assert [(True, []), (True, [])] == [(each["active"], each["link"]) for each in found]


def test_merge_before_the_record() -> None:
    """The old record may come after the merge: it stays merged."""
    store = stored(at(2, "A40", FULL, MRG), at(1, "A28", PRIOR))
    prior = next(each for each in store.of("Patient") if each["identifier"][0]["value"] == "8")
    assert (False, 1) == (prior["active"], len(prior["link"]))


def test_links() -> None:
    """Linked records are linked, and no longer after they are unlinked."""
    linked = stored(at(1, "A24", FULL, PRIOR))
    assert [1, 1] == [len(each["link"]) for each in linked.of("Patient")]
    linked.take(at(2, "A37", FULL, PRIOR))
    assert [[], []] == [each["link"] for each in linked.of("Patient")]


def test_corrected_result() -> None:
    """A correction replaces the result, of which there is one."""
    first, second = (
        made(FULL, f"OBR|1|P1|F1|1^x^LN{'|' * 18}2024050{day}|||{status}", f"OBX|1|NM|1^x^LN||{value}||||||{status}",
             kind="ORU^R01")
        for day, value, status in ((1, 5, "F"), (2, 6, "C"))
    )  # fmt: skip
    for order in ((first, second), (second, first)):
        found = only(stored(*order), "Observation")
        assert (6, "corrected") == (found["valueQuantity"]["value"], found["status"])


def test_a_result_changes_no_patient() -> None:
    """The demographics of a laboratory do not replace those of an admission."""
    result = made(FULL.replace("Anna", "Ana"), "OBR|1|P1|F1|1^x^LN", kind="ORU^R01")
    store = stored(at(1, "A01", FULL, STAY), result)
    assert ["Anna"] == only(store, "Patient")["name"][0]["given"]


def test_a_result_before_the_admission() -> None:
    """A result that comes first makes a patient, which the admission completes."""
    result = made(PID, "OBR|1|P1|F1|1^x^LN", kind="ORU^R01")
    store = stored(result, at(9, "A01", FULL, STAY))
    assert "female" == only(store, "Patient")["gender"]
    assert without_messages(store).keys() >= without_messages(stored(at(9, "A01", FULL, STAY))).keys()


def ordered(hour: int, control: str, *fields: str) -> Conversion:
    """Return the conversion of an order control at that hour."""
    orc = f"ORC|{control}|P1^HIS{'|' * 7}20240501{hour:02}0000"
    return made(PID, orc, f"OBR|1|P1^HIS||1^x^LN{''.join(fields)}", kind="ORM^O01")


REASON = "|" * 27 + "R05^Cough^I10"


def test_cancelled_order() -> None:
    """A cancelled order is revoked and keeps its reason; a new order that comes late does not bring it back."""
    new, cancelled = ordered(8, "NW", REASON), ordered(9, "CA")
    order = only(stored(new, cancelled, new), "ServiceRequest")
    assert ("revoked", "R05") == (order["status"], order["reasonCode"][0]["coding"][0]["code"])


def test_order_control_without_a_status() -> None:
    """A cancellation that is refused leaves the order as it is."""
    assert "active" == only(stored(ordered(8, "NW"), ordered(9, "UC")), "ServiceRequest")["status"]


def test_order_and_result() -> None:
    """The result of an order completes it; there is one order, with what the placer said of it."""
    result = made(
        PID, "ORC|RE|P1^HIS|F1^LAB", "OBR|1|P1^HIS|F1^LAB|1^x^LN" + "|" * 18 + "20240502080000|||F", kind="ORU^R01"
    )
    order = only(stored(ordered(8, "NW", REASON), result), "ServiceRequest")
    assert ("completed", "reasonCode" in order) == (order["status"], True)


def written(day: int, event: str, *txa: str) -> Conversion:
    """Return the conversion of a document event of that day; T02, T06 and T10 have a text."""
    fields = ["TXA", "1", "DS", *[""] * 9, txa[0], *txa[1:]]
    content = [f"OBX|1|TX|1^Letter||text of day {day}"] if event in {"T02", "T06", "T10"} else []
    return made(f"EVN|{event}|202405{day:02}", PID, "|".join(fields), *content, kind=f"MDM^{event}")


def test_status_of_a_document() -> None:
    """A change of the status keeps the content."""
    first, changed = written(1, "T02", "D1^DOC"), written(2, "T03", "D1^DOC", "", "", "", "", "LA")
    document = only(stored(first, changed), "DocumentReference")
    assert ("final", "data") == (
        document["docStatus"],
        next(iter(document["content"][0]["attachment"].keys() & {"data"})),
    )


def test_replaced_document() -> None:
    """A replaced document is superseded, also if it comes after its replacement; the new one is current."""
    old, new = written(1, "T02", "D1^DOC"), written(2, "T10", "D2^DOC", "D1^DOC")
    for order in ((old, new), (new, old)):
        documents = {
            each["masterIdentifier"]["value"]: each["status"] for each in stored(*order).of("DocumentReference")
        }
        assert {"D1": "superseded", "D2": "current"} == documents


def test_withdrawn_document() -> None:
    """A document that is withdrawn stays so."""
    first, withdrawn = written(1, "T02", "D1^DOC"), written(2, "T11", "D1^DOC")
    for order in ((first, withdrawn), (withdrawn, first)):
        assert "entered-in-error" == only(stored(*order), "DocumentReference")["status"]


def test_documents_twice() -> None:
    """The same messages twice leave the same resources."""
    story = [written(1, "T02", "D1^DOC"), written(2, "T06", "D2^DOC", "D1^DOC"), ordered(8, "NW", REASON)]
    assert stored(*story).resources == stored(*story, *story).resources
