"""Resources, keys and entries."""

import re

import pytest

from adapters.fhir.bundle import (
    ADDS,
    AS_OF,
    CLEARS,
    DROPS_LINK,
    OWNS,
    SENT,
    URI_SYSTEM,
    Bundle,
    Json,
    add_items,
    cleaned,
    urn,
)
from tests.adapters.fhir.making import PID, made


def test_urn() -> None:
    """The name of a key is a UUID, the same for the same key, and another for another type."""
    assert re.fullmatch(
        r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", urn("A", ("1",))
    )
    assert urn("A", ("1", "2")) == urn("A", ("1", "2"))
    assert 4 == len({urn("A", ("1", "2")), urn("A", ("12",)), urn("B", ("1", "2")), urn("A", ("1",))})


def test_once() -> None:
    """A resource with the same key is the same resource."""
    bundle = Bundle()
    assert bundle.get("Patient", ("1",)) is bundle.get("Patient", ("1",))
    assert 1 == len(list(bundle))


def test_new() -> None:
    """A second thing with the same key is counted."""
    bundle = Bundle()
    made = [bundle.new("Observation", key).key for key in (("1",), ("1",), ("2",), ("1",))]
    assert [("1",), ("1", "2"), ("2",), ("1", "3")] == made


def test_natural_identifier() -> None:
    """An identifier with a system finds the resource; a condition is encoded."""
    entry = Bundle().get("Patient", ("k",), ("urn:oid:1.2.3", "A 1")).entry()
    assert {"method": "PUT", "url": "Patient?identifier=urn%3Aoid%3A1.2.3%7CA%201"} == entry["request"]
    assert "identifier" not in entry["resource"]


@pytest.mark.parametrize("value", ["a|b", "a,b", "a$b", "a\\b", "a%b"])
def test_reserved_characters(value: str) -> None:
    """An identifier with a character that searches use is not searched for."""
    entry = Bundle().get("Patient", ("k",), ("urn:oid:1.2.3", value)).entry()
    assert [{"system": URI_SYSTEM, "value": entry["fullUrl"]}] == entry["resource"]["identifier"]
    assert entry["request"]["url"].endswith(entry["fullUrl"].replace(":", "%3A"))


@pytest.mark.parametrize("system", ["http://a.example/x|y", "http://a.example,http://b.example", "http://a.example/$"])
def test_reserved_characters_in_the_system(system: str) -> None:
    """Neither is one with such a system: a store would understand another search."""
    entry = Bundle().get("Patient", ("k",), (system, "1")).entry()
    assert entry["request"]["url"].endswith(entry["fullUrl"].replace(":", "%3A"))


def test_shared() -> None:
    """A person whom many messages mention is created once and never overwritten; a stub likewise."""
    bundle = Bundle()
    stub = bundle.get("Patient", ("1",))
    stub.is_stub = True
    for found in (bundle.get("Practitioner", ("1",)), stub):
        assert "POST" == found.entry()["request"]["method"]


def test_words() -> None:
    """An entry says what the message owns, clears, adds and drops; what it owns it does not clear."""
    bundle = Bundle()
    found, other = bundle.get("Patient", ("1",)), bundle.get("Patient", ("2",))
    found.own("gender", "male")
    found.clears = {"gender", "name"}
    found.adds = {"link"}
    found.drops_links.append(other.reference)
    words = [(word["url"], word.get("valueString")) for word in found.entry()["extension"]]
    assert [(DROPS_LINK, None), (OWNS, "gender"), (CLEARS, "name"), (ADDS, "link")] == words


def test_provenance() -> None:
    """A Provenance has no identifier: it is written under an ID that the key gives."""
    entry = Bundle().get("Provenance", ("1",)).entry()
    assert f"Provenance/{entry['fullUrl'][9:]}" == entry["request"]["url"] == f"Provenance/{entry['resource']['id']}"


def test_cleaned() -> None:
    """Nothing empty is left."""
    assert {"a": [0, False]} == cleaned({"a": [0, False, "", None, {}], "b": {"c": ""}, "d": []})
    assert None is cleaned({"a": [{"b": ""}]})


def test_time_of_a_stub() -> None:
    """What is only named has the message's time too; what many messages mention has none, and is never overwritten."""
    bundle = Bundle()
    bundle.as_of = "2024-05-01"
    stub, shared = bundle.get("Patient", ("1",)), bundle.get("Practitioner", ("1",))
    stub.only_name()
    assert [{"url": AS_OF, "valueDateTime": "2024-05-01"}] == stub.entry()["extension"]
    assert "extension" not in shared.entry()


TIMES = {
    "2024-05-01T10:15:00+02:00": [{"url": AS_OF, "valueDateTime": "2024-05-01T10:15:00+02:00"}],
    "2024-05-01T10:15:00": [{"url": AS_OF, "valueString": "2024-05-01T10:15:00"}],
    "2024-05 2024-05-01T10:15:00.5": [
        {"url": AS_OF, "valueDateTime": "2024-05"},
        {"url": SENT, "valueString": "2024-05-01T10:15:00.5"},
    ],
}


@pytest.mark.parametrize(("as_of", "words"), TIMES.items())
def test_times(as_of: str, words: list[Json]) -> None:
    """A time that FHIR has no dateTime for is a string; when the message was made is a word of its own."""
    bundle = Bundle()
    bundle.as_of = as_of
    assert words == bundle.get("Patient", ("1",)).entry()["extension"]


def test_provenance_has_its_id() -> None:
    """A PUT to an address has the id of the address in its body (R4 http#update)."""
    entry = Bundle().new("Provenance", ("A",)).entry()
    assert f"Provenance/{entry['resource']['id']}" == entry["request"]["url"]


def test_add_items() -> None:
    """An item is added once, and the message owns the list."""
    found = Bundle().get("ServiceRequest", ("1",))
    for items in ([{"text": "a"}], [{"text": "a"}, {"text": "b"}]):
        add_items(found, "note", items)
    assert ([{"text": "a"}, {"text": "b"}], {"note"}) == (found.body["note"], found.owns)


class Compared(dict[str, str]):
    """An item that counts how often it is compared."""

    count = 0

    def __eq__(self, other: object) -> bool:
        Compared.count += 1
        return super().__eq__(other)

    __hash__ = None


def test_append() -> None:
    """An item is in a list once; that takes no comparison with all the others."""
    found = Bundle().get("Patient", ("1",))
    for number in (*range(100), *range(50)):
        found.append("contact", Compared(text=str(number)))
    assert (100, 0) == (len(found.body["contact"]), Compared.count)
    found.body["contact"].pop()
    found.append("contact", Compared(text="99"))
    assert 100 == len(found.body["contact"])


def test_since() -> None:
    """What was made after something else; a resource is found by its name."""
    bundle = Bundle()
    first, second = bundle.get("Patient", ("1",)), bundle.new("Patient", ("2",))
    assert (2, [second], first, None) == (len(bundle), bundle.since(1), bundle.find(first.url), bundle.find("other"))


def test_written_twice() -> None:
    """A bundle is the same each time it is written, also where a patient has several numbers."""
    found = made(PID.replace("|7^", "|9^^^HOSP&1.2.3&ISO^PI~7^"), "AL1|1|DA|^Penicillin")
    first, second = found.encoded(), found.encoded()
    assert b"urn:hilum:fhir:also" in first
    assert first == second
