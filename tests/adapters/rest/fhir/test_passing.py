"""Bundles and resources that are passed on as they are."""

import json
from typing import Any

import pytest

from adapters.rest.fhir.passing import NOT_FHIR, Sent, read_body, relayed
from adapters.rest.fhir.replies import ROWS, Done
from adapters.rest.http.reply import Reply
from adapters.rest.verdict.answers import Answers
from gateway.contract.fhir import Interaction
from gateway.contract.outcome import Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook

Json = dict[str, Any]
PUT = {"method": "PUT", "url": "Patient/1"}
POST = {"method": "POST", "url": "Observation"}


def octets(value: Any) -> bytes:
    """Return JSON."""
    return json.dumps(value).encode()


def bundle(*entries: Json, kind: str = "transaction") -> bytes:
    """Return a bundle."""
    return octets({"resourceType": "Bundle", "type": kind, "entry": list(entries)})


def sent(data: bytes, most: int = 100, most_octets: int = 100_000) -> Sent:
    """Return how it is sent."""
    found = read_body(data, most, most_octets)
    assert isinstance(found, Sent)
    return found


SINGLE = [
    ({"id": "1"}, "PUT", "Patient/1", True),
    ({"identifier": [{"value": "x"}, {"system": "s", "value": "a|b"}]}, "PUT", "Patient?identifier=s%7Ca%5C%7Cb", True),
    ({"identifier": {"system": "s", "value": "a"}}, "PUT", "Patient?identifier=s%7Ca", True),
    ({}, "POST", "Patient", False),
]


@pytest.mark.parametrize(("elements", "method", "url", "is_repeatable"), SINGLE)
def test_single(elements: Json, method: str, url: str, is_repeatable: bool) -> None:
    """A resource replaces the one with its ID, or its first identifier with a system; otherwise it is created."""
    data = octets({"resourceType": "Patient", **elements})
    found = sent(data)
    assert found.interaction is not None
    assert (method, url, is_repeatable, [data]) == (
        found.interaction.method,
        found.interaction.url,
        found.is_repeatable,
        found.bodies,
    )


def test_document() -> None:
    """A bundle that is not executed is stored as a resource."""
    found = sent(bundle(kind="document"))
    assert Interaction("POST", "Bundle") == found.interaction


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b'{"resourceType":1}', octets({"resourceType": "Patient", "id": "../x"}),
     octets({"resourceType": "x/../y"}), b"\xff", b'{"resourceType":"Bundle","type":"batch","entry":1}'],
)  # fmt: skip
def test_no_fhir(data: bytes) -> None:
    """What is no resource is refused, and so is one whose address would be another one."""
    assert NOT_FHIR == read_body(data, 10, 1000)


REPEATABLE = [
    ([PUT], True),
    ([{"method": "DELETE", "url": "Patient/1"}, {**POST, "ifNoneExist": "identifier=1"}], True),
    ([PUT, POST], False),
    ([{"method": "PATCH", "url": "Patient/1"}], False),
]


@pytest.mark.parametrize(("requests", "expected"), REPEATABLE)
def test_repeatable(requests: list[Json], expected: bool) -> None:
    """A bundle of updates and conditional creates may be sent twice."""
    assert expected is sent(bundle(*({"request": each} for each in requests))).is_repeatable


def test_as_it_is() -> None:
    """Within the limits the octets are sent, and R5 is not looked into."""
    data = b'{ "resourceType":"Bundle","type":"transaction","entry":[{"resource":{"x":4.10},"request":%s}] }' % octets(
        PUT
    )
    found = sent(data)
    assert (data, [["Patient"]]) == (found.body(0), found.kinds)


def test_parts() -> None:
    """What is created in one part is referred to by its ID in the next one."""
    about = {"reference": "urn:uuid:p"}
    data = bundle(
        {"fullUrl": "urn:uuid:o", "resource": {"subject": about}, "request": POST},
        {"fullUrl": "urn:uuid:p", "resource": {}, "request": {"method": "POST", "url": "Patient"}},
    )
    found = sent(data, most=1)
    assert [["Patient"], ["Observation"]] == found.kinds
    found.learn(0, [Done(201, "Patient/7")])
    (entry,) = json.loads(found.body(1))["entry"]
    assert {"reference": "Patient/7"} == entry["resource"]["subject"]


def test_parts_of_a_batch() -> None:
    """Entries of a batch are independent."""
    data = bundle(*({"fullUrl": f"u{each}", "request": PUT} for each in range(5)), kind="batch")
    assert [2, 2, 1] == [len(each) for each in sent(data, most=2).kinds]


def test_too_large() -> None:
    """An entry that is larger than the store takes is refused."""
    assert isinstance(read_body(bundle({"resource": "x" * 2000, "request": PUT}), 10, 1024), Refused)


def test_not_twice() -> None:
    """After a part is stored, a bundle that may not be sent twice is doubtful."""
    busy = Unavailable("busy", outlook=Outlook.BUSY)
    once, again = Sent([], [], is_repeatable=False), Sent([], [], is_repeatable=True)
    assert busy == again.judged(busy, 1, ())
    assert Unavailable("busy", maybe_stored=True) == once.judged(busy, 1, ())
    assert Unavailable("busy", maybe_stored=True) == once.judged(busy, 0, [Done(201)])
    assert busy == once.judged(busy, 0, [Done(503)])
    assert Refused("no") == once.judged(Refused("no"), 1, ())


def response(*statuses: str) -> Json:
    """Return the reply to a bundle."""
    return {"resourceType": "Bundle", "entry": [{"response": {"status": each}} for each in statuses]}


RELAYED = [
    (Interaction("PUT", "Patient/1"), Reply(200, {}, b"{}"), Stored),
    (Interaction("PUT", "Patient/1"), Reply(412, {}, b"{}"), Refused),
    (Interaction("PUT", "Patient/1"), Reply(404, {}, b'{"resourceType":"OperationOutcome"}'), Refused),
    (Interaction("POST", "Patient"), Reply(503, {}, b""), Unavailable),
    (Interaction("POST", ""), Reply(200, {}, octets(response("200", "201"))), Stored),
    (Interaction("POST", ""), Reply(200, {}, octets(response("200", "400"))), Refused),
    (Interaction("POST", ""), Reply(200, {}, b"<html>"), Unavailable),
    (Interaction("POST", ""), Reply(200, {}, octets({"entry": 1})), Unavailable),
]


@pytest.mark.parametrize(("interaction", "reply", "kind"), RELAYED)
def test_relayed(interaction: Interaction, reply: Reply, kind: type) -> None:
    """A peer gets the store's own response; a conflict is its own, and nobody repeats it."""
    outcome = relayed(reply, interaction, Answers(ROWS))
    assert kind is type(outcome)
    assert outcome.response is not None
    assert (reply.status, reply.body) == (outcome.response.status, outcome.response.body)


def test_headers() -> None:
    """ETag and Location are the store's."""
    reply = Reply(201, {"ETag": 'W/"1"', "Location": "x", "Server": "y"}, b"{}")
    outcome = relayed(reply, Interaction("POST", "Patient"), Answers(ROWS))
    assert outcome.response is not None
    assert (("ETag", 'W/"1"'), ("Location", "x")) == outcome.response.headers
