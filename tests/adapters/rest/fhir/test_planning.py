"""What is written, when it is known what the store has."""

from typing import Any

import pytest

from adapters.rest.fhir.choosing import AMBIGUOUS, Found
from adapters.rest.fhir.entries import Entry
from adapters.rest.fhir.merging import created, merged
from adapters.rest.fhir.planning import NO_VERSION, Plan, Rules, Write, full_url, is_deletion, make_plan
from gateway.contract.outcome import Refused
from tests.adapters.rest.fhir.making import entry

Json = dict[str, Any]
MERGE = Rules(lambda kind: kind != "Patient")
NEW = entry({"name": "A", "link": []}, 2, owns=("name",))
ABOUT = {"reference": "urn:uuid:1"}


def stored(one: Entry, *, own_id: str = "x", whole: bool = False) -> Json:
    """Return the resource of an entry as a store has it."""
    made = created(one, {}, whole=whole)
    return {**made, "id": own_id, "meta": {**made["meta"], "versionId": "3", "lastUpdated": "2024"}}


def planned(entries: list[Entry], *olds: Json, rules: Rules = MERGE, written: frozenset[int] = frozenset()) -> Plan:
    """Return the plan for a store that has *olds*."""
    found: dict[tuple[str, tuple[str, str]], list[Json]] = {}
    for old in olds:
        for each in old["identifier"]:
            found.setdefault((old["resourceType"], (each["system"], each["value"])), []).append(old)
    made = make_plan(entries, found, rules, written)
    assert isinstance(made, Plan), made
    return made


def requests(plan: Plan) -> list[Json]:
    """Return what is asked for."""
    return [each.entry["request"] for each in plan.writes]


def test_new() -> None:
    """What the store does not have is created on the condition that it is still missing."""
    plan = planned([NEW])
    assert [{"method": "POST", "url": "Patient", "ifNoneExist": "identifier=s%7C1"}] == requests(plan)
    assert full_url("urn:uuid:1") == plan.writes[0].entry["fullUrl"]


def test_changed() -> None:
    """What it has is written with the version that was read, without the store's own part of meta."""
    old = stored(entry({"name": "B"}, 1, owns=("name",)))
    plan = planned([NEW], old)
    assert [{"method": "PUT", "url": "Patient/x", "ifMatch": 'W/"3"'}] == requests(plan)
    sent = plan.writes[0].entry["resource"]
    assert ("A", "x", ["extension"]) == (sent["name"], sent["id"], list(sent["meta"]))


def test_unchanged() -> None:
    """What would change nothing is not written."""
    plan = planned([NEW], stored(NEW))
    assert ([], {"unchanged": 1}) == (plan.writes, plan.left)


def test_outdated() -> None:
    """A whole resource that is older than the store's is not written."""
    older, newer = (entry({"resourceType": "Observation", "status": "final"}, day) for day in (1, 2))
    plan = planned([older], stored(newer, whole=True))
    assert ([], {"outdated": 1}) == (plan.writes, plan.left)


def test_outdated_merge() -> None:
    """The same where resources are merged: by time, or by the status of an order."""
    plan = planned([entry({"name": "B"}, 1, owns=("name",))], stored(NEW))
    assert ([], {"outdated": 1}) == (plan.writes, plan.left)
    revoked, active = (
        entry({"resourceType": "ServiceRequest", "status": each}, day, owns=("status",))
        for each, day in (("revoked", 1), ("active", 2))
    )
    plan = planned([active], stored(revoked), rules=Rules(lambda _: False))
    assert ([], {"outdated": 1}) == (plan.writes, plan.left)


def test_references() -> None:
    """A reference to what the store has is its address; one to something new stays for the store to resolve."""
    visit = entry({"resourceType": "Encounter", "subject": ABOUT}, 2, token="2", owns=("subject",))
    new, about = (each.entry for each in planned([NEW, visit]).writes)
    assert {"reference": new["fullUrl"]} == about["resource"]["subject"]
    assert {"reference": "Patient/x"} == planned([NEW, visit], stored(NEW)).writes[0].entry["resource"]["subject"]


STUB = entry({"active": False, "link": [{"other": ABOUT, "type": "replaced-by"}]}, 3, token="2", stub=True,
             owns=("active",), adds=("link",))  # fmt: skip


def test_patch() -> None:
    """Of a record that a merge ends, only what the merge says is sent."""
    prior = stored(entry({"name": "P"}, 1, token="2", owns=("name",)), own_id="y")
    plan = planned([NEW, STUB], stored(NEW), prior)
    (sent,) = plan.writes
    assert ("patched", {"method": "PATCH", "url": "Patient/y", "ifMatch": 'W/"3"'}) == (
        sent.result,
        sent.entry["request"],
    )


def test_no_patch_for_new_references() -> None:
    """A store cannot resolve a reference within a patch: with a new survivor the record is put."""
    prior = stored(entry({"name": "P"}, 1, token="2", owns=("name",)), own_id="y")
    put = planned([NEW, STUB], prior).writes[1]
    assert ("PUT", "P") == (put.entry["request"]["method"], put.entry["resource"]["name"])


def test_missing_record() -> None:
    """A record that a merge ends is created if it is missing."""
    made = planned([NEW, STUB]).writes[1]
    assert ("created", False) == (made.result, made.entry["resource"]["active"])


BOTH = entry({"name": "A", "identifier": [{"system": "s", "value": "1"}, {"system": "s", "value": "2"}]}, 2,
             owns=("name", "identifier"))  # fmt: skip


@pytest.mark.parametrize("olds", [[], [stored(BOTH)]])
def test_merged_with_itself(olds: list[Json]) -> None:
    """A merge of two numbers of one record writes the record once, and neither ends it nor links it to itself."""
    plan = planned([BOTH, STUB], *olds)
    assert 1 >= len(plan.writes)
    for each in plan.writes:
        assert {"active", "link"}.isdisjoint(each.entry["resource"])


def test_another_number() -> None:
    """A visit that gets another number stays one resource, found by both."""
    number = {"system": "s", "value": "1"}
    renamed = entry(
        {"identifier": [{"system": "s", "value": "2"}, number]}, 3, token="2", stub=True, adds=("identifier",)
    )
    old = stored(entry({"name": "V"}, 1, token="2", owns=("name",)))
    for olds in ((), (old,)):
        (sent,) = planned([NEW, renamed], *olds).writes
        assert {"1", "2"} == {each["value"] for each in sent.entry["resource"]["identifier"]}


def test_several() -> None:
    """Of several resources with the identifier, the one that was made of this key is meant; otherwise nobody knows."""
    mine, other = stored(NEW), stored(BOTH, own_id="y")
    other["meta"]["extension"] = []
    assert ["Patient/x"] == [
        each["url"] for each in requests(planned([entry({"name": "C"}, 3, owns=("name",))], mine, other))
    ]
    found: Found = {("Patient", ("s", "1")): [other, other]}
    assert Refused(AMBIGUOUS.format(kind="Patient")) == make_plan([NEW], found, MERGE)


def test_without_condition() -> None:
    """What has an ID of its own is sent as it is, unless the store takes no such IDs."""
    resource = {"resourceType": "Provenance", "id": "p", "target": [ABOUT]}
    given = Entry(5, "urn:uuid:p", "Provenance", resource, {"method": "PUT", "url": "Provenance/p"}, None)
    (sent,) = planned([given, NEW]).writes[:1]
    target = [{"reference": full_url("urn:uuid:1")}]
    assert ({**resource, "target": target}, given.request) == (sent.entry["resource"], sent.entry["request"])
    plan = planned([given], rules=Rules(lambda _: True, client_ids=False))
    assert ([], {"left_out": 1}) == (plan.writes, plan.left)


def test_written() -> None:
    """What an earlier part has written is not written again, and is known to what refers to it."""
    visit = entry({"resourceType": "Encounter", "subject": ABOUT}, 2, token="2", owns=("subject",))
    (sent,) = planned([NEW, visit], stored(NEW), written=frozenset({1})).writes
    assert ({"reference": "Patient/x"}, (2,)) == (sent.entry["resource"]["subject"], sent.positions)


def test_stub_that_others_have_written() -> None:
    """A resource of others is not touched by a message that only names it."""
    other = {"resourceType": "Patient", "id": "x", "identifier": [{"system": "s", "value": "1"}], "name": "O"}
    plan = planned([entry({"name": "lab"}, 2, stub=True)], other)
    assert ([], {"unchanged": 1}) == (plan.writes, plan.left)


def test_no_version() -> None:
    """A store without versions gets no changes: those of others would be lost. It may get what is new."""
    old = merged(stored(NEW), NEW, {})
    del old["meta"]["versionId"]
    found: Found = {("Patient", ("s", "1")): [old]}
    assert NO_VERSION == make_plan([entry({"name": "C"}, 3, owns=("name",))], found, MERGE)
    assert isinstance(make_plan([NEW], found, MERGE), Plan)


def test_write() -> None:
    """A write says which entries it is for."""
    assert () == Write("", {}, "created").positions


def test_key_is_kept() -> None:
    """The fullUrl is not the key: a server that writes the new ID wherever the fullUrl occurs leaves the key alone."""
    own = {"resourceType": "Patient", "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:1"}]}
    (sent,) = planned([entry(own, 1, owns=("identifier",))]).writes
    assert "urn:uuid:1" not in {sent.entry["fullUrl"], sent.url}
    assert own["identifier"] == sent.entry["resource"]["identifier"]


DELETED = {
    "allergy": ({"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}, True),
    "result": ({"status": "entered-in-error"}, True),
    "confirmed": ({"verificationStatus": {"coding": [{"code": "confirmed"}]}}, False),
    "cancelled": ({"status": "cancelled"}, False),
    "nothing": ({}, False),
    "odd": ({"verificationStatus": {"coding": ["entered-in-error"]}, "status": ["entered-in-error"]}, False),
}


@pytest.mark.parametrize(("resource", "expected"), DELETED.values(), ids=DELETED)
def test_deletion(resource: Json, expected: bool) -> None:
    """What is entered in error is deleted; what is cancelled is not."""
    assert expected is is_deletion(resource)
