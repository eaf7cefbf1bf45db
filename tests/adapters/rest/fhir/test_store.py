"""The destination against the sandbox's strict store, in the test's own loop."""

import asyncio
import json
import random
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from adapters.rest.fhir.choosing import UNCLEAR
from adapters.rest.fhir.passing import NOT_FHIR
from adapters.rest.fhir.settings import FhirStoreSettings
from adapters.rest.fhir.splitting import TOO_LARGE
from adapters.rest.fhir.store import FOUND_OTHERWISE, NOT_A_BUNDLE, FhirStore
from adapters.rest.fhir.subjects import ANOTHER
from gateway.contract.body import WholeBody
from gateway.contract.fhir import Interaction
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from gateway.sandbox.server import Sandbox
from tests.adapters.rest.fhir.delivering import converted, deliver
from tests.adapters.rest.fhir.fake import Asked, Fake, all_done, page, running
from tests.adapters.rest.fhir.stories import ADMIT, ANNA, PRIOR, STORIES, TOGETHER, contents, message, result, said
from tests.seeds import SEED

ANOTHERS_VISIT = Refused(ANOTHER.format(kind="Encounter"), code="204")


@pytest.mark.parametrize("number", range(5))
async def test_everything_in_any_order(number: int, tmp_path: Path) -> None:
    """The messages of all stories together, shuffled, leave the same resources each time."""
    order = [*range(len(TOGETHER)), *range(len(TOGETHER))]
    random.Random(SEED + number).shuffle(order)
    bundles = [converted(each) for each in TOGETHER]
    async with Sandbox(tmp_path) as sandbox, ClientSession() as client:
        for name, wanted in (("in-order", range(len(TOGETHER))), ("shuffled", order)):
            sent = [bundles[each] for each in wanted]
            outcomes, _ = await deliver(sandbox.fhir_url(name), sent)
            # Before a merge its records are two patients; the message is retried after it.
            early = [each for each, outcome in zip(sent, outcomes, strict=True) if outcome == ANOTHERS_VISIT]
            again, _ = await deliver(sandbox.fhir_url(name), early)
            assert {Stored()} == {*outcomes, *again} - ({ANOTHERS_VISIT} if name == "shuffled" else set())
            assert {Stored()} >= set(again)
        expected, found = [await contents(sandbox.fhir_url(name), client) for name in ("in-order", "shuffled")]
    assert expected == found


async def test_at_the_same_time(tmp_path: Path) -> None:
    """Messages of one patient at the same time meet each other, and leave the same resources as one after the other."""
    bundles = [converted(each) for each in TOGETHER]
    async with Sandbox(tmp_path) as sandbox, ClientSession() as client:
        urls = [sandbox.fhir_url(name) for name in ("in-order", "together")]
        await deliver(urls[0], bundles)
        settings = FhirStoreSettings(kind="fhir_store", url=urls[1])
        waiting = [Message("1", WholeBody(each), {}, {}) for each in bundles]
        async with FhirStore("records", settings) as store:
            while waiting:  # as in commit mode, what is unavailable is tried again
                some, waiting = waiting[:8], waiting[8:]
                outcomes = await asyncio.gather(*map(store.deliver, some))
                # Before a merge its records are two patients; the message is retried after it.
                assert {ANOTHERS_VISIT} >= {each for each in outcomes if isinstance(each, Refused)}
                waiting += [each for each, how in zip(some, outcomes, strict=True) if not isinstance(how, Stored)]
        expected, found = [await contents(url, client) for url in urls]
    assert expected == found


FIRST = converted(TOGETHER[0])


async def test_twice(tmp_path: Path) -> None:
    """The second time only the Provenance is written, which cannot be searched for."""
    async with Sandbox(tmp_path) as sandbox:
        outcomes, counted = await deliver(sandbox.fhir_url(), [FIRST, FIRST])
    assert [Stored(), Stored()] == outcomes
    assert ["created", "updated", "updated", "unchanged"] == counted


async def test_other_number_first(tmp_path: Path) -> None:
    """A patient whom a result has named by the second number is the one whom the admission names by the first."""
    second = result("01100000", "F", "11.1").replace(b"7^^^HOSP&1.2.3&ISO^MR~", b"")
    async with Sandbox(tmp_path) as sandbox, ClientSession() as client:
        url = sandbox.fhir_url()
        outcomes, _ = await deliver(url, [converted(each) for each in (second, ADMIT, second)])
        assert {Stored()} == set(outcomes)
        found = await contents(url, client)
    (patient,) = (each for each in found.values() if each["resourceType"] == "Patient")
    assert {"7", "70"} <= {each["value"] for each in patient["identifier"]}


async def test_deletion_under_another_number(tmp_path: Path) -> None:
    """An allergy is deleted also by a message that names the patient by the other number first."""
    numbers = "7^^^HOSP&1.2.3&ISO^MR", "9^^^SOUTH&1.2.4&ISO^MR"
    added, deleted = (
        said("A60", f"0{day}080000", f"PID|1||{'~'.join(listed)}||Test^Anna", f"IAM|1|DA|^Penicillin|SV||{action}")
        for day, listed, action in ((1, numbers, "A"), (2, numbers[::-1], "D"))
    )
    async with Sandbox(tmp_path) as sandbox, ClientSession() as client:
        url = sandbox.fhir_url()
        assert {Stored()} == set((await deliver(url, [converted(each) for each in (added, deleted)]))[0])
        found = await contents(url, client)
    kinds = [each["resourceType"] for each in found.values()]
    assert (1, 1) == (kinds.count("Patient"), kinds.count("AllergyIntolerance"))
    (allergy,) = (each for each in found.values() if each["resourceType"] == "AllergyIntolerance")
    assert "entered-in-error" == allergy["verificationStatus"]["coding"][0]["code"]


async def test_exact(tmp_path: Path) -> None:
    """Numbers keep their digits through reading and writing: 11.10 stays so while other elements change."""
    story = STORIES["corrected result"]
    url_of = "Observation?_count=1"
    async with Sandbox(tmp_path) as sandbox, ClientSession() as client:
        url = sandbox.fhir_url()
        await deliver(url, [converted(story[2])])
        await deliver(url, [converted(story[2]), converted(story[1])], update="merge")
        async with client.get(f"{url}/{url_of}") as response:
            assert '"value":11.10' in await response.text()


async def test_parts(tmp_path: Path) -> None:
    """A bundle that is larger than the store takes leaves the same as at once."""
    async with Sandbox(tmp_path) as sandbox, ClientSession() as client:
        urls = [sandbox.fhir_url(name) for name in ("parts", "whole")]
        for url, settings in zip(urls, ({"max_entries": 2}, {}), strict=True):
            outcomes, _ = await deliver(url, [converted(each) for each in STORIES["corrected result"]], **settings)
            assert {Stored()} == set(outcomes)
        parts, whole = [await contents(url, client) for url in urls]
    assert whole == parts


async def test_too_small_parts(tmp_path: Path) -> None:
    """Two records that refer to each other are written together, or not at all."""
    async with Sandbox(tmp_path) as sandbox:
        outcomes, counted = await deliver(sandbox.fhir_url(), [converted(STORIES["unmerge"][0])], max_entries=1)
    assert [Refused(TOO_LARGE)] == outcomes
    assert [] == counted


async def test_no_ids_of_ours(tmp_path: Path) -> None:
    """A store that takes no IDs of clients gets no Provenance, and all else."""
    async with Sandbox(tmp_path) as sandbox, ClientSession() as client:
        store = sandbox.fhir_url().removesuffix("/fhir")
        base, _, name = store.rpartition("/")
        async with client.post(f"{base}?fhirStoreId={name}", json={"version": "R4"}) as response:
            assert response.status == 200
        refused, _ = await deliver(sandbox.fhir_url(), [FIRST])
        assert isinstance(refused[0], Unavailable)
        outcomes, counted = await deliver(sandbox.fhir_url(), [FIRST], client_ids=False)
    assert ([Stored()], ["created", "left_out"]) == (outcomes, counted)


async def answered(fake: Fake, *bodies: bytes, **settings: Any) -> tuple[list[Outcome], list[str]]:
    """Return the outcome of each body at a store that answers what it is told to."""
    async with running(fake):
        return await deliver(fake.url, bodies, **settings)


async def test_conflict() -> None:
    """After a conflict the store is read again, and the message is merged with what is there now."""
    answers = iter([(412, b""), (409, b"")])
    fake = Fake(lambda asked: next(answers, None) or all_done(asked))
    assert [Stored()] == (await answered(fake, FIRST))[0]
    assert (3, 3) == (len(fake.writes), len(fake.asked) - len(fake.writes))


async def test_lasting_conflict() -> None:
    """A conflict that does not end is given back after a few times."""
    fake = Fake(lambda _: (409, {}))
    (outcome,), _ = await answered(fake, FIRST)
    assert isinstance(outcome, Unavailable)
    assert (6, False) == (len(fake.writes), outcome.maybe_stored)


async def test_conflict_with_a_pause() -> None:
    """A store that asks for a pause gets it: the message is given back at once."""
    fake = Fake(lambda _: (409, {}), headers={"Retry-After": "30"})
    (outcome,), _ = await answered(fake, FIRST)
    assert isinstance(outcome, Unavailable)
    assert (1, 30) == (len(fake.writes), outcome.retry_after)


async def test_others_were_faster() -> None:
    """What others have created meanwhile is read and merged, because nothing of it was written."""
    held: list[Any] = []

    def write(asked: Asked) -> tuple[int, Any]:
        found = all_done(asked, status="200 OK" if not held else "201 Created")
        entries = asked.json["entry"]
        held[:] = [{**each["resource"], "id": "1", "meta": {"versionId": "1"}} for each in entries if "fullUrl" in each]
        return found

    fake = Fake(write, lambda asked: page(*(each for each in held if each["resourceType"] == asked.path)))
    outcomes, _ = await answered(fake, FIRST)
    assert [Stored()] == outcomes
    assert [("POST", None), ("PUT", 'W/"1"')] == [
        (first["method"], first.get("ifMatch")) for each in fake.writes if (first := each.json["entry"][0]["request"])
    ]


async def test_found_otherwise() -> None:
    """A store that has by its own word what no search finds is asked twice, and not for ever."""
    fake = Fake(lambda asked: all_done(asked, status="200 OK"))
    assert [FOUND_OTHERWISE] == (await answered(fake, FIRST))[0]
    assert 2 == len(fake.writes)


SERVERS: dict[str, tuple[int, Any, dict[str, str], type, str]] = {
    "Google refuses": (
        400,
        {
            "resourceType": "OperationOutcome",
            "issue": [
                {
                    "severity": "error",
                    "code": "structure",
                    "details": {"text": "unparseable_resource"},
                    "diagnostics": 'error at "entry[0].resource": unknown field "Anna"',
                }
            ],
        },
        {},
        Refused,
        "structure at entry[0].resource",
    ),
    "HAPI refuses": (
        422,
        {
            "resourceType": "OperationOutcome",
            "issue": [
                {
                    "severity": "error",
                    "code": "processing",
                    "diagnostics": "HAPI-0450: Failed to parse Anna",
                    "location": ["Bundle.entry[0].resource.ofType(Patient).birthDate"],
                }
            ],
        },
        {},
        Refused,
        "processing at Bundle.entry[0].resource.ofType(Patient).birthDate",
    ),
    "Azure is busy": (429, {}, {"Retry-After": "3"}, Unavailable, "too many requests"),
    "a gateway in front of it fails": (502, b"<html>Bad Gateway</html>", {}, Unavailable, "HTTP 502"),
    "Medplum keeps a part": (
        200,
        {
            "resourceType": "Bundle",
            "entry": [
                {"response": {"status": "201", "location": "Patient/1"}},
                {
                    "response": {
                        "status": "400",
                        "outcome": {
                            "resourceType": "OperationOutcome",
                            "issue": [{"severity": "error", "code": "invalid", "details": {"text": "Anna"}}],
                        },
                    }
                },
            ],
        },
        {},
        Refused,
        "invalid of entry 1 (Provenance)",
    ),
    "a proxy says OK": (200, b"OK", {}, Unavailable, "does not say what became of each entry"),
}


@pytest.mark.parametrize(("status", "body", "headers", "kind", "reason"), SERVERS.values(), ids=SERVERS)
async def test_servers(status: int, body: Any, headers: dict[str, str], kind: type, reason: str) -> None:
    """The replies of several servers, of which no value is repeated."""
    fake = Fake(lambda _: (status, body), headers=headers)
    (outcome,), _ = await answered(fake, FIRST)
    assert kind is type(outcome)
    assert isinstance(outcome, Refused | Unavailable)
    assert reason in outcome.reason
    assert "Anna" not in outcome.reason
    assert headers == {} or (isinstance(outcome, Unavailable) and outcome.retry_after == 3)


async def test_request() -> None:
    """What is sent is a transaction without our extensions, for a short reply."""
    fake = Fake(all_done)
    await answered(fake, FIRST)
    (sent,) = fake.writes
    assert ("", "transaction", "return=minimal") == (sent.path, sent.json["type"], sent.headers["Prefer"])
    assert all("extension" not in each for each in sent.json["entry"])
    assert sent.headers["Content-Type"].startswith("application/fhir+json")


async def test_as_it_is() -> None:
    """A resource and a bundle of others are sent as they are."""
    resource, bundle = b'{"resourceType":"Patient","id":"7","x":1.50}', b'{"resourceType":"Bundle","type":"batch"}'
    fake = Fake(lambda asked: all_done(asked) if not asked.path else (200, {}))
    assert [Stored(), Stored()] == (await answered(fake, resource, bundle))[0]
    assert [("PUT", "Patient/7", resource), ("POST", "", bundle)] == [
        (each.method, each.path, each.body) for each in fake.writes
    ]


async def test_parts_of_others() -> None:
    """A large transaction of others is sent in parts, and the second one refers to what the first one has created."""
    patient = {"fullUrl": "urn:uuid:p", "resource": {}, "request": {"method": "POST", "url": "Patient"}}
    about = {"resource": {"subject": {"reference": "urn:uuid:p"}}, "request": {"method": "POST", "url": "Observation"}}
    body = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": [about, patient]}).encode()
    fake = Fake(all_done)
    assert [Stored()] == (await answered(fake, body, max_entries=1))[0]
    assert {"reference": "Patient/0"} == fake.writes[1].json["entry"][0]["resource"]["subject"]


async def test_peer_asks() -> None:
    """A peer's request goes to its address with its conditions, once, and the store's response comes back."""
    fake = Fake(lambda _: (412, {"resourceType": "OperationOutcome"}), headers={"ETag": 'W/"2"'})
    asked = Interaction("PUT", "Patient?identifier=s%7C1", (("If-Match", 'W/"1"'), ("Prefer", "return=minimal")))
    async with running(fake), FhirStore("r", FhirStoreSettings(kind="fhir_store", url=fake.url)) as store:
        outcome = await store.deliver(Message("1", WholeBody(b'{"x":1}'), {}, {}, interaction=asked))
    (sent,) = fake.asked
    assert ("PUT", "Patient", {"identifier": "s|1"}, 'W/"1"') == (
        sent.method,
        sent.path,
        sent.query,
        sent.headers["If-Match"],
    )
    assert isinstance(outcome, Refused)
    assert outcome.response is not None
    assert (412, (("ETag", 'W/"2"'),)) == (outcome.response.status, outcome.response.headers[:1])


async def test_no_bundle() -> None:
    """What a step made and cannot be merged is refused; nothing is sent."""
    fake = Fake(all_done)
    entry = {"extension": [{"url": "urn:hilum:fhir:owns", "valueString": "name"}]}
    body = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": [entry]}).encode()
    assert [NOT_A_BUNDLE] == (await answered(fake, body))[0]
    assert [] == fake.asked


KEPT = {"meta": {"extension": [{"url": "urn:hilum:fhir:merged", "valueString": "{}"}]}}
CONTENT: dict[str, Any] = {
    "a resource read from a store": {"resourceType": "Patient", "id": "7", **KEPT},
    "a text": {"resourceType": "Observation", "id": "o", "code": {"text": "see urn:hilum:fhir:x"}},
    "a transaction of resources read from a store": {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"resource": {"id": "7", **KEPT}, "request": {"method": "PUT", "url": "Patient/7"}}],
    },
    "a transaction without entries": {"resourceType": "Bundle", "type": "transaction", **KEPT},
    "a collection": {"resourceType": "Bundle", "id": "7", "type": "collection", **KEPT},
}


@pytest.mark.parametrize("body", CONTENT.values(), ids=CONTENT)
async def test_words_in_content(body: dict[str, Any]) -> None:
    """Content that has the words of the extensions is sent as it is, and never taken for stored without that."""
    data = json.dumps(body).encode()
    fake = Fake(all_done, never_searched)
    assert [Stored()] == (await answered(fake, data))[0]
    assert [data] == [each.body for each in fake.writes]


def never_searched(_: Asked) -> tuple[int, Any]:
    """Fail: nothing is merged."""
    raise AssertionError


async def test_written_before() -> None:
    """What Hilum wrote to another store is passed on as it is, and never taken for something that a step has made."""
    merged = b'"meta":{"extension":[{"url":"urn:hilum:fhir:merged","valueString":"{}"}]}'
    resource = b'{"resourceType":"Patient","id":"7",%s}' % merged
    entry = b'{"resource":%s,"request":{"method":"PUT","url":"Patient/7"}}' % resource
    bundle = b'{"resourceType":"Bundle","type":"transaction","entry":[%s]}' % entry
    fake = Fake(lambda asked: all_done(asked) if not asked.path else (200, {}))
    outcomes, _ = await answered(fake, resource, bundle, b"urn:hilum:fhir:")
    assert [Stored(), Stored(), NOT_FHIR] == outcomes
    assert [resource, bundle] == [each.body for each in fake.writes]


async def test_probe() -> None:
    """The store is asked for its capabilities."""
    fake = Fake(all_done, lambda _: (403, {}))
    async with running(fake), FhirStore("r", FhirStoreSettings(kind="fhir_store", url=fake.url)) as store:
        assert await store.probe() == "credential not accepted (HTTP 403)"
    assert ["metadata"] == [each.path for each in fake.asked]


AGAIN = [
    (b'{"resourceType":"Patient"}', Outlook.DOUBTFUL),
    (b'{"resourceType":"Patient","id":"1"}', Outlook.TEMPORARY),
    (b'{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"POST","url":"A"}}]}', Outlook.DOUBTFUL),
    (b'{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"PUT","url":"A/1"}}]}', Outlook.TEMPORARY),
    (FIRST, Outlook.TEMPORARY),
]


@pytest.mark.parametrize(("body", "outlook"), AGAIN)
async def test_lost_reply(body: bytes, outlook: Outlook) -> None:
    """What may be stored is sent again without limit only if it may be stored twice without harm."""
    (outcome,), _ = await answered(Fake(lambda _: (504, b"")), body)
    assert isinstance(outcome, Unavailable)
    assert (outlook, True) == (outcome.outlook, outcome.maybe_stored)


MOVES: dict[str, tuple[str, bool]] = {
    "a number with an authority": ("8^^^HOSP&1.2.3&ISO^MR", True),
    "the target is new": ("8^^^HOSP&1.2.3&ISO^MR", False),
    "a number without one": ("8^^^WARD^MR", True),
}


@pytest.mark.parametrize(("number", "has_target"), MOVES.values(), ids=MOVES)
async def test_moved_identifier(number: str, has_target: bool, tmp_path: Path) -> None:
    """A43 moves a number: one patient has it afterwards, and a later message with it is about that one."""
    source = PRIOR.replace("8^^^HOSP&1.2.3&ISO^MR", number).replace("Ana", "Eve")
    messages = [
        said("A28", "01080000", source),
        *([said("A28", "01080100", ANNA)] if has_target else []),
        said("A43", "02080000", ANNA, f"MRG|{number}"),
        said("A08", "03080000", source.replace("Eve", "Anna").replace("19800315", "19800316")),
    ]
    async with Sandbox(tmp_path) as sandbox, ClientSession() as client:
        url = sandbox.fhir_url()
        outcomes, _ = await deliver(url, map(converted, messages))
        async with client.get(f"{url}/Patient") as response:
            found = [each["resource"] for each in (await response.json())["entry"]]
    assert {Stored()} == set(outcomes)
    having = [each for each in found if "8" in {one["value"] for one in each.get("identifier", ())}]
    assert [("1980-03-16", "Anna")] == [(each["birthDate"], each["name"][0]["given"][0]) for each in having]
    assert ["1980-03-15"] == [each["birthDate"] for each in found if each not in having]


NUMBER, SHARED = "{}^^^HOSP&1.2.3&ISO^MR", "55^^^SSA&1.2.9&ISO^SS"


async def test_moved_to_two(tmp_path: Path) -> None:
    """A43 for two patients, who had one record: it loses both numbers, and a relative keeps a number that is shared."""

    def pid(*numbers: str) -> str:
        return PRIOR.replace(NUMBER.format(8), "~".join([*map(NUMBER.format, numbers), SHARED]))

    moved = [f"MRG|{NUMBER.format(number)}~{SHARED}" for number in (2, 3)]
    messages = [
        *(said("A28", "01080000", pid(*numbers)) for numbers in (("1", "2", "3"), ("9",))),
        said("A43", "02080000", pid("7"), moved[0], pid("8"), moved[1]),
    ]
    async with Sandbox(tmp_path) as sandbox, ClientSession() as client:
        outcomes, _ = await deliver(sandbox.fhir_url(), map(converted, messages))
        found = await contents(sandbox.fhir_url(), client)
    having = sorted(
        sorted(one["value"] for one in each["identifier"]) for each in found.values() if "identifier" in each
    )
    assert [["1", "55"], ["2", "55", "7"], ["3", "55", "8"], ["55", "9"]] == having
    assert {Stored()} == {*outcomes}


async def test_moved_from_many(tmp_path: Path) -> None:
    """A number that moves is taken from all records that have it, also if a search shows only some of them."""
    others = [str(number) for number in range(10, 18)]
    async with Sandbox(tmp_path) as sandbox, ClientSession() as client:
        url = sandbox.fhir_url()
        for number in others:
            listed = [{"system": "urn:oid:1.2.3", "value": each} for each in ("8", number)]
            async with client.post(
                f"{url}/Patient", json={"resourceType": "Patient", "identifier": listed}
            ) as response:
                assert 201 == response.status
        outcomes, _ = await deliver(url, [converted(said("A43", "02080000", ANNA, f"MRG|{NUMBER.format(8)}"))])
        found = await contents(url, client)
    having = sorted(
        sorted(one["value"] for one in each["identifier"]) for each in found.values() if "identifier" in each
    )
    assert ([Stored()], [*([each] for each in others), ["7", "70", "8"]]) == (outcomes, having)


IAM = "IAM|1|DA|{substance}||rash|{action}|{number}"
DELETIONS: dict[str, tuple[str, str, bool]] = {
    "by its number": ("^Penicillin", "A1^HIS^1.2.8^ISO", False),
    "by another number": ("^Penicillin", "A2^HIS^1.2.8^ISO", True),
    "by its words, though it has a number": ("^Penicillin", "", True),
}


@pytest.mark.parametrize(("substance", "number", "is_missed"), DELETIONS.values(), ids=DELETIONS)
async def test_deletion(substance: str, number: str, is_missed: bool, tmp_path: Path) -> None:
    """A deletion of an allergy that the store does not have is counted and logged, without what it is about."""
    added = said("A31", "01080000", ANNA, IAM.format(substance="^Penicillin", action="A", number="A1^HIS^1.2.8^ISO"))
    deleted = said("A31", "02080000", ANNA, IAM.format(substance=substance, action="D", number=number))
    async with Sandbox(tmp_path) as sandbox:
        with capture_logs() as logs:
            outcomes, counted = await deliver(sandbox.fhir_url(), [converted(added), converted(deleted)])
    told = [each for each in logs if each["event"] == "fhir_deletion_missed"]
    assert ({Stored()}, is_missed) == ({*outcomes}, "missed" in counted)
    assert ["AllergyIntolerance"] * is_missed == [each["resource_type"] for each in told]
    assert "Penicillin" not in str(told)


GERMS = "OBR|1|P9^LIS|F9^LIS|600-7^Culture^LN{empty}202405{when}|||{status}"
PARTS: dict[str, tuple[list[str], bool]] = {
    "one of two": (["Staph"], False),
    "both": (["Strep", "Staph"], True),
    "three": (["Strep", "Staph", "Coli"], True),
}


def culture(when: str, status: str, *germs: str, sub_ids: bool = False) -> bytes:
    """Return a culture with several germs of one code."""
    obx = [
        f"OBX|{number}|CWE|6463-4^Germ^LN|{number if sub_ids else ''}|^{germ}||||||{status}"
        for number, germ in enumerate(germs, 1)
    ]
    obr = GERMS.format(empty="|" * 18, when=when, status=status)
    return message("ORU^R01", when, ANNA, "ORC|RE", obr, *obx)


@pytest.mark.parametrize(("germs", "is_stored"), PARTS.values(), ids=PARTS)
async def test_correction_of_some(germs: list[str], is_stored: bool, tmp_path: Path) -> None:
    """A correction of some of several results that nothing tells apart is refused, and changes nothing."""
    messages = [culture("01080000", "F", "E. coli", "Proteus"), culture("02080000", "C", *germs)]
    async with Sandbox(tmp_path) as sandbox, ClientSession() as client:
        outcomes, _ = await deliver(sandbox.fhir_url(), map(converted, messages))
        found = await contents(sandbox.fhir_url(), client)
    observed = [each for name, each in found.items() if name.startswith("Observation")]
    values = sorted(each["valueCodeableConcept"]["text"] for each in observed)
    refused = Refused(UNCLEAR.format(kind="Observation"), code="204")
    assert (sorted(germs) if is_stored else ["E. coli", "Proteus"]) == values
    assert [Stored(), Stored() if is_stored else refused] == outcomes


async def test_correction_with_sub_ids(tmp_path: Path) -> None:
    """Results that OBX-4 tells apart can be corrected one by one; so can a result that is alone."""
    messages = [
        culture("01080000", "F", "E. coli", "Proteus", sub_ids=True),
        culture("02080000", "C", "Staph", sub_ids=True),
        result("01080000", "F", "11.1"),
        result("02080000", "C", "12.1"),
    ]
    async with Sandbox(tmp_path) as sandbox, ClientSession() as client:
        outcomes, _ = await deliver(sandbox.fhir_url(), map(converted, messages))
        found = await contents(sandbox.fhir_url(), client)
    observed = [each for name, each in found.items() if name.startswith("Observation")]
    germs = {each["valueCodeableConcept"]["text"] for each in observed if "valueCodeableConcept" in each}
    assert ({Stored()}, {"Staph", "Proteus"}, 3) == ({*outcomes}, germs, len(observed))


ALONE = [("03070000", "F", [(7, 1)])]
"""An earlier result of the order, which is alone in its message, so that its name has no time."""


@pytest.mark.parametrize(("before", "left"), [([], [1, 9]), (ALONE, [1, 7, 9])], ids=["two", "one before them"])
async def test_correction_of_one_time(before: list[Any], left: list[int], tmp_path: Path) -> None:
    """Of several results at different times one is corrected, and the others stay."""
    obr = "OBR|1|P8^LIS|F8^LIS|2345-7^Glucose^LN{empty}202405{when}|||{status}"
    obx = "OBX|1|NM|2345-7^Glucose^LN||{value}|mg/dL|||||{status}|||202405{day:02}0800"
    sent = [*before, ("03080000", "F", [(1, 11), (2, 12)]), ("04080000", "C", [(9, 12)])]
    messages = [
        message(
            "ORU^R01",
            when,
            ANNA,
            "ORC|RE",
            obr.format(empty="|" * 18, when=when, status=status),
            *(obx.format(value=value, status=status, day=day) for value, day in results),
        )
        for when, status, results in sent
    ]
    async with Sandbox(tmp_path) as sandbox, ClientSession() as client:
        outcomes, _ = await deliver(sandbox.fhir_url(), map(converted, messages))
        found = await contents(sandbox.fhir_url(), client)
    observed = [each for name, each in found.items() if name.startswith("Observation")]
    assert ({Stored()}, left) == ({*outcomes}, sorted(each["valueQuantity"]["value"] for each in observed))
