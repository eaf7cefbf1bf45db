"""Searches for what a store has."""

import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.rest.fhir.holdings import NOT_READ, SIMILAR, Holdings, read_page
from adapters.rest.fhir.replies import ROWS
from adapters.rest.fhir.settings import FhirStoreSettings
from adapters.rest.http.client import Client
from adapters.rest.http.reply import Reply
from adapters.rest.verdict.answers import Answers
from gateway.contract.outcome import Refused, Unavailable
from tests.adapters.rest.fhir.fake import Asked, Fake, page, running

Json = dict[str, Any]


def person(value: str, system: str = "s") -> Json:
    """Return a patient with an identifier."""
    number = {"system": system, "value": value}
    return {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1"}, "identifier": [number]}


async def find(fake: Fake, *values: str, most: int = 50, system: str = "s") -> Any:
    """Return what is found of patients with these identifiers."""
    async with running(fake), Client(FhirStoreSettings(kind="fhir_store", url=fake.url)) as client:
        holdings = Holdings(client, fake.url, most, Answers(ROWS))
        return await holdings.find({"Patient": [(system, value) for value in values]})


def never(_: Asked) -> tuple[int, Any]:
    """Fail: nothing is written."""
    raise AssertionError


async def test_one_search() -> None:
    """One search asks for all identifiers of a type, past the cache of the store, for two of each."""
    fake = Fake(never, lambda _: page(person("1"), person("3"), person("1", "other")))
    found = await find(fake, "1", "2", "3")
    assert {("Patient", ("s", "1")): [person("1")], ("Patient", ("s", "3")): [person("3")]} == found
    (asked,) = fake.asked
    assert ("Patient", {"identifier": "s|1,s|2,s|3", "_count": "6"}) == (asked.path, asked.query)
    assert "no-cache" == asked.headers["Cache-Control"]


async def test_master() -> None:
    """A document is found by its master identifier, too."""
    master = {"system": "s", "value": "1"}
    document = {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1"}, "masterIdentifier": master}
    assert {("Patient", ("s", "1")): [document]} == await find(Fake(never, lambda _: page(document)), "1")


async def test_many() -> None:
    """Many identifiers are asked for in several searches, because the address has a limit."""
    fake = Fake(never, lambda asked: page(*(person(each[2:]) for each in asked.query["identifier"].split(","))))
    assert 5 == len(await find(fake, *"12345", most=2))
    assert 3 == len(fake.asked)


async def test_small_pages() -> None:
    """A store that gives fewer than it was asked for is asked for fewer."""

    def search(asked: Asked) -> tuple[int, Any]:
        values = asked.query["identifier"].split(",")
        return page(person(values[0][2:]), more=len(values) > 1)

    assert 3 == len(await find(Fake(never, search), *"123"))


async def test_reserved_characters() -> None:
    """Characters that searches use are escaped."""
    fake = Fake(never)
    assert {} == await find(fake, "a,b|c$d\\e")
    assert "s|a\\,b\\|c\\$d\\\\e" == fake.asked[0].query["identifier"]


async def test_any_system() -> None:
    """An identifier without a system is found in any."""
    found = await find(Fake(never, lambda _: page(person("1", "x"))), "1", system="")
    assert {("Patient", ("", "1")): [person("1", "x")]} == found


@pytest.mark.parametrize(
    ("status", "kind"), [(400, Refused), (404, Unavailable), (409, Unavailable), (429, Unavailable), (500, Unavailable)]
)
async def test_failure(status: int, kind: type) -> None:
    """A search that fails decides about the message, also in the middle of several."""
    assert kind is type(await find(Fake(never, lambda _: (status, {})), "1"))
    answers = iter([page(person("1"), more=True), (status, {})])
    assert kind is type(await find(Fake(never, lambda _: next(answers)), "1", "2"))


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"resourceType":"OperationOutcome"}'])
async def test_no_page(body: bytes) -> None:
    """What is no page of a search is not taken for an empty one."""
    assert NOT_READ == await find(Fake(never, lambda _: (200, body)), "1")


def test_page() -> None:
    """Other types and odd entries are passed over."""
    odd = [
        1,
        {},
        {"resource": 1},
        {"resource": {"resourceType": "Group", "id": "1"}},
    ]
    body = json.dumps({"resourceType": "Bundle", "link": 1, "entry": [*odd, {"resource": person("1")}]}).encode()
    assert ([person("1")], False) == read_page(Reply(200, {}, body), "Patient")


ODD: list[Json] = [
    {"id": None},
    {"id": "../Patient?identifier=x"},
    {"id": ".."},
    {"meta": "x"},
    {"meta": {"versionId": '1", W/"2'}},
    {"meta": {"extension": ["x"]}},
    {"extension": "x"},
    {"name": [{"_family": {"extension": ["x"]}}]},
    {"link": ["x"]},
    {"link": "x"},
]


@pytest.mark.parametrize("odd", ODD)
async def test_odd_content(odd: Json) -> None:
    """A resource that is not as FHIR demands is neither merged nor taken for missing, and is no part of an address."""
    assert NOT_READ == await find(Fake(never, lambda _: page({**person("1"), **odd})), "1")


@pytest.mark.parametrize(("value", "system"), [("AB7", "s"), ("ab7 ", "s"), ("ab7", "S")])
async def test_similar(value: str, system: str) -> None:
    """A store that finds another identifier than the one that was asked for would get a part of the message."""
    assert SIMILAR == await find(Fake(never, lambda _: page(person("ab7"))), value, system=system)


async def test_similar_and_equal() -> None:
    """Of two that differ in case the equal one is meant."""
    found = await find(Fake(never, lambda _: page(person("ab7"), person("AB7"))), "AB7")
    assert {("Patient", ("s", "AB7")): [person("AB7")]} == found


def unversioned(asked: Asked) -> tuple[int, Any]:
    """Answer without a version: a search, or a read."""
    found = {**person("1"), "meta": {}}
    return page(found) if asked.query else (200, {**found, "gender": "male"})


async def test_version_of_a_read() -> None:
    """Where a search gives no version, the resource is read, and its ETag is the version."""
    fake = Fake(never, unversioned, headers={"ETag": 'W/"5"'})
    (found,) = (await find(fake, "1"))["Patient", ("s", "1")]
    assert ({"versionId": "5"}, "male") == (found["meta"], found["gender"])
    (found,) = (await find(Fake(never, unversioned), "1"))["Patient", ("s", "1")]
    assert {} == found["meta"]


@pytest.mark.parametrize(("status", "expected"), [(404, []), (503, None)])
async def test_version_of_what_is_gone(status: int, expected: list[Json] | None) -> None:
    """What is gone meanwhile is missing; a read that fails decides about the message."""
    found = await find(Fake(never, lambda asked: unversioned(asked) if asked.query else (status, {})), "1")
    assert isinstance(found, Unavailable) if expected is None else expected == found["Patient", ("s", "1")]


QUOTED = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "x", "diagnostics": "CANARY7"}]}
ANSWERS_TO_A_SEARCH: dict[str, tuple[int, Any]] = {
    "found": page(person("CANARY7")),
    "found otherwise": page(person("canary7")),
    "refused": (400, QUOTED),
    "failed": (500, QUOTED),
    "not FHIR": (200, b"CANARY7"),
    "moved": (302, b"CANARY7"),
}


@pytest.mark.parametrize("answer", ANSWERS_TO_A_SEARCH.values(), ids=ANSWERS_TO_A_SEARCH)
async def test_address_is_not_told(answer: tuple[int, Any]) -> None:
    """The identifiers in the address of a search are in no log line and in no reason, whatever the store answers."""
    fake = Fake(never, lambda _: answer)
    with capture_logs() as logs:
        found = await find(fake, "CANARY7")
    assert "CANARY7" in fake.asked[0].query["identifier"]
    reason = found.reason if isinstance(found, Refused | Unavailable) else ""
    assert "canary7" not in f"{logs} {reason}".lower()
