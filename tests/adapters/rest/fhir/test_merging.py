"""What a resource is after messages, in whatever order they come."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from adapters.rest.fhir.bodies import is_same
from adapters.rest.fhir.entries import Entry
from adapters.rest.fhir.merging import created, merged, replaced
from tests.adapters.rest.fhir.making import entry, kept, plain

Json = dict[str, Any]
OTHER = {"other": {"reference": "Patient/2"}, "type": "replaces"}
SEE = {"other": {"reference": "Patient/2"}, "type": "seealso"}
NAMES = {"urn:uuid:2": "Patient/2"}


def after(*entries: Entry) -> Json:
    """Return the resource after these messages."""
    first, *others = entries
    resource = created(first, NAMES)
    for each in others:
        resource = merged(resource, each, NAMES)
    return resource


def links(day: int, *items: Json, drops: bool = False) -> Entry:
    """Return an entry that adds links, or drops all those to the other patient."""
    dropped, added = (("urn:uuid:2",), ()) if drops else ((), ("link",))
    return entry({"link": list(items)} if items else {}, day, drops=dropped, adds=added)


STORIES: dict[str, tuple[Json, Sequence[Entry]]] = {
    "an absent element is unchanged": (
        {"gender": "male", "name": "B"},
        [
            entry({"gender": "male", "name": "A"}, 1, owns=("gender", "name")),
            entry({"name": "B"}, 2, owns=("name",)),
        ],
    ),
    "an element is deleted": (
        {"name": "A"},
        [
            entry({"gender": "male", "name": "A"}, 1, owns=("gender", "name")),
            entry({}, 2, clears=("gender",)),
        ],
    ),
    "a reason in the place of a value": (
        {"_start": {"extension": [{"url": "absent"}]}},
        [
            entry({"start": "a"}, 1, owns=("start",)),
            entry({"_start": {"extension": [{"url": "absent"}]}}, 2, owns=("_start",), clears=("start",)),
            entry({"_start": {"extension": [{"url": "absent"}]}}, 3, owns=("_start",), clears=("start",)),
        ],
    ),
    "a deletion is undone": (
        {"gender": "female"},
        [
            entry({"gender": "male"}, 1, owns=("gender",)),
            entry({}, 2, clears=("gender",)),
            entry({"gender": "female"}, 3, owns=("gender",)),
        ],
    ),
    "a part of an object": (
        {"period": {"start": "a"}, "status": "in-progress"},
        [
            entry({"period": {"start": "a"}, "status": "in-progress"}, 1, owns=("period.start", "status")),
            entry({"period": {"end": "b"}, "status": "finished"}, 2, owns=("period.end", "status")),
            entry({"status": "in-progress"}, 3, owns=("status",), clears=("period.end",)),
        ],
    ),
    "what is only named is described by the first message about it": (
        {"name": "A"},
        [
            entry({"name": "lab", "address": "old"}, 3, stub=True),
            entry({"name": "A"}, 1, owns=("name",)),
            entry({"name": "lab", "address": "older"}, 2, stub=True),
        ],
    ),
    "of what is only named the newest description counts": (
        {"name": "C"},
        [
            entry({"name": "A", "address": "a"}, 1, stub=True),
            entry({"name": "B"}, 2, stub=True),
            entry({"name": "C"}, 3, stub=True),
        ],
    ),
    "a merge of a record": (
        {"name": "A", "active": False, "link": [OTHER]},
        [
            entry({"name": "A"}, 1, owns=("name",)),
            entry({"active": False, "link": [OTHER]}, 2, stub=True, owns=("active",), adds=("link",)),
            entry({"name": "A"}, 3, owns=("name",)),
        ],
    ),
    "items have the order of their times": (
        {"history": [{"a": 1}, {"a": 2}, {"a": 3}]},
        [entry({"history": [{"a": each}]}, each, adds=("history",)) for each in (1, 2, 3)],
    ),
    "a record is linked, unlinked and merged": (
        {"link": [OTHER]},
        [links(1, SEE), links(2, drops=True), links(3, OTHER)],
    ),
    "a record is merged and unlinked": ({}, [links(1, SEE), links(2, OTHER), links(3, drops=True)]),
    "a merge and the merge the other way": (
        {"link": [{**OTHER, "type": "replaced-by"}]},
        [links(1, OTHER), links(2, {**OTHER, "type": "replaced-by"})],
    ),
    "a merge, the merge the other way, and the merge again": (
        {"link": [OTHER]},
        [links(1, OTHER), links(2, {**OTHER, "type": "replaced-by"}), links(3, OTHER)],
    ),
    "a filler of a required element": (
        {"class": "IMP"},
        [entry({"class": "UNK"}, 2), entry({"class": "IMP"}, 1, owns=("class",)), entry({"class": "UNK"}, 3)],
    ),
    "an item of a list": (
        {"alias": [{"a": 2}, {"a": 3}]},
        [
            entry({"alias": [{"a": 1}]}, 1, owns=("alias",)),
            entry({"alias": [{"a": 2}]}, 2, owns=("alias",)),
            entry({"alias": [{"a": 3}]}, 3, adds=("alias",)),
        ],
    ),
}


@pytest.mark.parametrize(("expected", "entries"), STORIES.values(), ids=STORIES)
def test_any_order(expected: Json, entries: Sequence[Entry]) -> None:
    """Each order of the messages, and each message twice, leaves the same resource."""
    for order in permutations(entries):
        assert plain(after(*order)) == expected
        assert plain(after(*order, *order)) == expected


def test_twice_changes_nothing() -> None:
    """The same message again leaves the resource as it is, with what is kept of it."""
    one = entry({"name": "A"}, 1, owns=("name",), clears=("gender",))
    resource = after(one)
    assert is_same(resource, merged(resource, one, NAMES))


def test_without_times() -> None:
    """Messages without a time are taken in the order in which they come."""
    assert {"name": "B"} == plain(
        after(entry({"name": "A"}, 0, owns=("name",)), entry({"name": "B"}, 0, owns=("name",)))
    )


def test_shared() -> None:
    """What messages about others name without a time gets what it lacks, and loses nothing."""
    full, number = entry({"name": "Heal", "gender": "female"}, stub=True), entry({"name": "H", "phone": 1}, stub=True)
    assert {"name": "Heal", "gender": "female", "phone": 1} == plain(after(full, number))
    assert {"name": "H", "gender": "female", "phone": 1} == plain(after(number, full))


def test_of_others() -> None:
    """A resource that others have written is merged, and not touched by a message that only names it."""
    old = {"resourceType": "Patient", "id": "1", "name": "X", "gender": "male", "meta": {"tag": [1]}}
    assert old is merged(old, entry({"name": "lab"}, 1, stub=True), NAMES)
    new = merged(old, entry({"name": "A"}, 1, owns=("name",)), NAMES)
    assert ({"name": "A", "gender": "male"}, "1", [1]) == (plain(new), new["id"], new["meta"]["tag"])
    assert "urn:uuid:1" == kept(new).key


def test_old_is_unchanged() -> None:
    """What was read is not changed itself: after a conflict it is compared again."""
    old = after(entry({"name": [{"a": 1}]}, 1, owns=("name",)))
    before = str(old)
    merged(old, entry({"name": [{"a": 2}], "link": [OTHER]}, 2, owns=("name",), adds=("link",)), NAMES)
    assert before == str(old)


def whole(*entries: Entry) -> Json:
    """Return a resource of which each message replaces the whole."""
    resource: Json | None = None
    for each in entries:
        resource = created(each, NAMES, whole=True) if resource is None else replaced(resource, each, NAMES) or resource
    assert resource is not None
    return resource


def result(status: str, day: int, value: int) -> Entry:
    """Return a result."""
    return entry({"resourceType": "Observation", "status": status, "value": value}, day, owns=("status", "value"))


def sent(status: str, hour: int, value: int, reported: int = 1) -> Entry:
    """Return a result that was reported on that day of May, and sent at that hour of the third."""
    return replace(result(status, reported, value), as_of=f"2024-05-{reported:02} 2024-05-03T{hour:02}:00:00Z")


RESULTS = {
    "by status": [result("preliminary", 3, 1), result("final", 1, 2)],
    "by time": [result("final", 1, 1), result("corrected", 2, 2)],
    "after an error": [result("entered-in-error", 1, 1), result("final", 2, 2)],
    "of unknown status": [result("registered", 2, 1), result("unknown", 3, 2)],
    "a final one of unknown status": [result("final", 1, 1), result("unknown", 2, 2)],
    "preliminary after an error": [result("entered-in-error", 1, 1), result("preliminary", 2, 2)],
    "preliminary after a cancellation": [result("cancelled", 1, 1), result("preliminary", 2, 2)],
    "corrected and final at one time": [result("final", 1, 1), result("corrected", 1, 2)],
    "a final one that is sent again": [sent("final", 1, 1), sent("final", 3, 1), sent("corrected", 2, 2)],
    "corrected twice": [sent("final", 4, 1), sent("corrected", 2, 3), sent("corrected", 3, 2)],
    "final again": [sent("corrected", 2, 1), sent("final", 1, 2, reported=2)],
}


@pytest.mark.parametrize("entries", RESULTS.values(), ids=RESULTS)
def test_whole(entries: Sequence[Entry]) -> None:
    """The last one of these is the newest: by its status, then by its time."""
    for order in permutations(entries):
        assert {"status": entries[-1].resource["status"], "value": 2} == plain(whole(*order))


@pytest.mark.parametrize("entries", RESULTS.values(), ids=RESULTS)
def test_merged_results(entries: Sequence[Entry]) -> None:
    """The same holds where results are merged."""
    for order in permutations(entries):
        assert {"status": entries[-1].resource["status"], "value": 2} == plain(after(*order))


def test_new_final() -> None:
    """A final result that is newer than a correction replaces it, and so does one where nobody knows the time."""
    for days in ((1, 2), (0, 0), (1, 0)):
        one, other = (result(*each) for each in zip(("corrected", "final"), days, (1, 2), strict=True))
        assert {"status": "final", "value": 2} == plain(whole(one, other))


def test_cancelled_order() -> None:
    """An order that was cancelled does not become active by a newer message, of which the rest is merged."""
    cancelled, active = (
        entry({"resourceType": "ServiceRequest", "status": status, "note": status}, day, owns=("status", "note"))
        for status, day in (("revoked", 1), ("active", 2))
    )
    assert {"status": "revoked", "note": "active"} == plain(after(cancelled, active))
    assert {"status": "revoked", "note": "active"} == plain(after(active, cancelled))


def test_whole_keeps_what_is_not_said() -> None:
    """What a message has only because R4 demands it does not replace what the store has."""
    text = {"resourceType": "DocumentReference", "content": ["text"], "status": "current", "note": 1}
    told = entry({**text, "_date": {"a": 1}, "date": "d"}, 1, owns=("content", "status", "note", "date"))
    absent = {"resourceType": "DocumentReference", "content": ["absent"], "_date": {"absent": 1}, "docStatus": "final"}
    partial = entry(absent, 2, owns=("docStatus",))
    expected = {"content": ["text"], "docStatus": "final", "date": "d", "_date": {"a": 1}}
    assert expected == plain(whole(told, partial))
    assert {**expected, "status": "current", "note": 1} == plain(after(told, partial))
    stub = entry(absent, 1, stub=True)
    assert ["named"] == plain(replaced(created(stub, NAMES), entry({"content": ["named"]}, 2), NAMES))["content"]


def test_whole_and_named() -> None:
    """A thing that was only named is replaced by a message about it, however old, and what was said of it stays."""
    stub = entry({"resourceType": "DocumentReference", "status": "superseded"}, 2, stub=True, owns=("status",))
    document = entry(
        {"resourceType": "DocumentReference", "status": "current", "text": "x"}, 1, owns=("status", "text")
    )
    first = created(stub, NAMES, whole=True)
    assert {"status": "superseded", "text": "x"} == plain(replaced(first, document, NAMES))
    assert {"status": "superseded", "text": "x"} == plain(merged(created(document, NAMES, whole=True), stub, NAMES))


def test_whole_keeps_added_items() -> None:
    """An item that a newer message has added to a whole resource stays."""
    one = entry({"resourceType": "Observation", "note": [{"a": 1}]}, 1, owns=("note",))
    more = entry({"resourceType": "Observation", "note": [{"a": 2}]}, 3, stub=True, adds=("note",))
    again = entry({"resourceType": "Observation", "note": [{"a": 3}]}, 2, owns=("note",))
    assert {"note": [{"a": 3}, {"a": 2}]} == plain(replaced(merged(whole(one), more, NAMES), again, NAMES))


def test_extensions_twice() -> None:
    """The same message again does not change the order of extensions, whatever the step's order is."""
    listed = [{"url": url, "valueCode": url} for url in ("u2", "u1", "u3")]
    one = entry({"extension": listed}, 1, owns=("extension(u1)", "extension(u2)", "extension(u3)"))
    assert is_same(after(one), after(one, one))


def test_named_without_a_time() -> None:
    """What many messages name, and none is about, has no time: the first description stays."""
    first, second = (entry({"resourceType": "Practitioner", "name": name}, 0, stub=True) for name in "AB")
    assert {"name": "A"} == plain(after(first, second))


def test_items_that_refer() -> None:
    """An item is the same before and after what it refers to is stored, so that it is not written again."""
    new, known = {"urn:uuid:2": "urn:uuid:x"}, {"urn:uuid:2": "Patient/2"}
    first = entry({"resourceType": "Account", "subject": [{"reference": "urn:uuid:x"}]}, 1, adds=("subject",))
    again = entry({"resourceType": "Account", "subject": [{"reference": "Patient/2"}]}, 1, adds=("subject",))
    stored = created(first, new)
    stored["subject"] = [{"reference": "Patient/2"}]  # as the store resolves it
    assert is_same(stored, merged(stored, again, known))


def test_whole_adds_items() -> None:
    """A message that replaces the whole, and only adds to a list, keeps the items that are there."""
    one = entry({"resourceType": "DiagnosticReport", "result": [{"a": 1}, {"a": 2}]}, 1, owns=("result",))
    more = entry({"resourceType": "DiagnosticReport", "result": [{"a": 2}, {"a": 3}]}, 2, adds=("result",))
    found = plain(whole(one, more))["result"]
    assert [{"a": 1}, {"a": 2}, {"a": 3}] == sorted(found, key=str)
