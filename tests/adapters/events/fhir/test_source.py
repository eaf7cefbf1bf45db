"""What is found of a resource of which a notification has told."""

import json
from collections.abc import Collection

import pytest

from adapters.events.fhir import source as module
from adapters.events.fhir.resource import Resource, ResourceAddresses
from adapters.events.fhir.source import EXECUTED, Own, ResourceSource
from adapters.events.getting import TOO_LARGE
from adapters.rest.fhir.versions import digest_of
from adapters.rest.http.client import Client
from gateway.contract.meter import Passed
from gateway.contract.outcome import Outcome, Refused, Stored
from tests.adapters.events.scripted import client_of, scripted

STORE = "projects/p/locations/l/datasets/d/fhirStores/s"
NAME = f"{STORE}/fhir/Patient/7"
TAG = {"system": "urn:hilum", "code": "gateway"}


def patient(version: str = "1", *tags: object) -> bytes:
    """Return a patient in a version."""
    return json.dumps({"resourceType": "Patient", "id": "7", "meta": {"versionId": version, "tag": tags}}).encode()


async def known(digests: Collection[str]) -> set[str]:
    """Return those of versions 2 and 3, which Hilum has written."""
    return set(digests) & {digest_of("Patient/7", "2"), digest_of("Patient/7", "3"), digest_of("Patient/8", "1")}


def source_of(url: str, client: Client, outcome: Outcome, *told: str) -> ResourceSource:
    """Return a source whose resources have this outcome; notifications about these versions are held."""

    async def deliver(_: Resource) -> Outcome:
        return outcome

    own = Own("urn:hilum|gateway", lambda _: told, known)
    return ResourceSource(client, ResourceAddresses(f"{url}/v1/{STORE}"), deliver, own, 5000)


async def found(answer: object, outcome: Outcome | None = None) -> object:
    """Return what is found if the store answers so; with an *outcome* the resource was delivered before."""
    async with scripted(lambda *_: answer) as server, client_of(server.url) as client:
        source = source_of(server.url, client, outcome or Stored())
        first = await source.get(NAME)
        if outcome is None:
            return first
        assert isinstance(first, Resource)
        assert outcome == await source.deliver(first)
        return await source.get(NAME)


async def test_resource() -> None:
    """The current version is read."""
    assert Resource(patient(), "Patient", NAME, "1") == await found(patient())


MISSING = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}
OTHERS: dict[str, tuple[object, object]] = {
    "deleted": ((410, MISSING), Passed.GONE),
    "never there": ((404, MISSING), Passed.GONE),
    "Hilum's own": (patient("1", TAG), Passed.OWN),
    "too large": (b"x" * 6000, TOO_LARGE),
}


@pytest.mark.parametrize(("answer", "expected"), OTHERS.values(), ids=OTHERS)
async def test_others(answer: object, expected: object) -> None:
    """What is gone, was written by Hilum, or is too large is not delivered."""
    assert expected == await found(answer)


async def test_another_tag() -> None:
    """A resource with other tags is delivered."""
    assert isinstance(await found(patient("1", {**TAG, "code": "other"})), Resource)


async def test_repeated() -> None:
    """A version that was delivered is not delivered again; one that was refused is, and so is one without a version."""
    assert Passed.REPEATED == await found(patient(), Stored())
    assert isinstance(await found(patient(), Refused("no")), Resource)
    assert isinstance(await found(patient(""), Stored()), Resource)


async def test_newer() -> None:
    """A newer version is delivered."""
    answers = iter([patient("1"), patient("2")])
    async with scripted(lambda *_: next(answers)) as server, client_of(server.url) as client:
        source = source_of(server.url, client, Stored())
        first = await source.get(NAME)
        assert isinstance(first, Resource)
        await source.deliver(first)
        assert isinstance(await source.get(NAME), Resource)


async def test_stored_transaction() -> None:
    """A stored transaction is refused: a destination would execute it."""
    async with scripted(lambda *_: 500) as server, client_of(server.url) as client:
        source = source_of(server.url, client, Stored())
        bundle = Resource(b"", "Bundle", NAME, "1", is_executed=True)
        assert EXECUTED == await source.deliver(bundle)


async def test_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many versions those passed on first are forgotten."""
    monkeypatch.setattr(module, "MOST_REMEMBERED", 2)
    async with scripted(lambda *_: 500) as server, client_of(server.url) as client:
        source = source_of(server.url, client, Stored())
        for name in ("1", "2", "1", "3"):
            await source.deliver(Resource(b"", "Patient", name, "v"))
        assert ["1", "3"] == list(source._passed_on)


TOLD = {
    "one that Hilum has written": (["2"], True),
    "two that Hilum has written": (["2", "3"], True),
    "one of others": (["1"], False),
    "one of others, and the next one of Hilum": (["1", "2"], False),
    "one of which the store does not say which": ([""], False),
    "none": ([], False),
}


@pytest.mark.parametrize(("told", "is_own"), TOLD.values(), ids=TOLD)
async def test_written_by_hilum(told: list[str], is_own: bool) -> None:
    """A resource is Hilum's own if it has written each version of which the store has told; then nothing is fetched."""
    asked: list[object] = []

    def answer(*given: object) -> bytes:
        asked.append(given)
        return patient("2")

    async with scripted(answer) as server, client_of(server.url) as client:
        found = await source_of(server.url, client, Stored(), *told).get(NAME)
    assert (is_own, not is_own) == (found is Passed.OWN, bool(asked))
