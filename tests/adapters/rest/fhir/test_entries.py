"""Entries of a transaction that a step has made."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.fhir.bundle import Bundle
from adapters.rest.fhir.entries import is_made_by_a_step, read_entries, tokens_of

REQUEST = {"method": "PUT", "url": "Patient?identifier=a%7C1"}


def bundle(**changes: Any) -> dict[str, Any]:
    """Return a bundle of one entry with other values."""
    return {"entry": [{"fullUrl": "u", "resource": {"resourceType": "Patient"}, "request": REQUEST, **changes}]}


def test_words() -> None:
    """The extensions of the step are read, and its condition."""
    made = Bundle()
    made.as_of = "2024"
    one, other = made.get("Patient", ("1",), ("urn:x", "A 1")), made.get("Patient", ("2",))
    one.own("gender", "male")
    one.clears, one.adds = {"name"}, {"link"}
    one.drops_links.append(other.reference)
    other.is_stub = True
    entries = read_entries(made.transaction())
    assert entries is not None
    found = entries[0]
    assert (("gender",), ("name",), ("link",), (other.url,)) == (found.owns, found.clears, found.adds, found.drops)
    assert (("urn:x", "A 1"), "2024", False, 0) == (found.token, found.as_of, found.is_stub, found.position)
    assert ("urn:ietf:rfc:3986", other.url, True, 1) == (
        *(entries[1].token or ()),
        entries[1].is_stub,
        entries[1].position,
    )


@pytest.mark.parametrize("as_of", ["2024-05-01T10:15:00", "2024-05-01 2024-05-01T10:15:00+02:00", "2024"])
def test_times(as_of: str) -> None:
    """The times of the step are read, in each form."""
    made = Bundle()
    made.as_of = as_of
    made.get("Patient", ("1",))
    assert [as_of] == [each.as_of for each in read_entries(made.transaction()) or ()]


CONDITIONS = [
    ({"method": "PUT", "url": "Patient?identifier=a%7C1"}, ("a", "1"), False),
    ({"method": "PUT", "url": "Patient?identifier=1"}, ("", "1"), False),
    ({"method": "PUT", "url": "Patient/1"}, None, False),
    ({"method": "PUT", "url": "Patient?identifier=a%7C1&active=true"}, None, False),
    ({"method": "PUT", "url": "Patient?name=a"}, None, False),
    ({"method": "POST", "url": "Patient", "ifNoneExist": "identifier=a%7C1"}, ("a", "1"), True),
    ({"method": "POST", "url": "Patient"}, None, False),
    ({"method": "POST", "url": "Patient", "ifNoneExist": 1}, None, True),
]


@pytest.mark.parametrize(("request_of", "token", "is_stub"), CONDITIONS)
def test_conditions(request_of: dict[str, Any], token: tuple[str, str] | None, is_stub: bool) -> None:
    """The identifier of a condition; a condition of another form is none."""
    found = (read_entries(bundle(request=request_of)) or [])[0]
    assert (token, is_stub) == (found.token, found.is_stub)


@pytest.mark.parametrize(
    "value",
    [{"entry": 1}, {"entry": [1]}, bundle(resource=1), bundle(request=1), bundle(extension=1), bundle(resource={}),
     bundle(request={"method": "PATCH", "url": "Patient/1"}), bundle(request={"method": "PUT", "url": 1})],
)  # fmt: skip
def test_another_form(value: dict[str, Any]) -> None:
    """What does not have the form of the contract is no list of entries."""
    assert None is read_entries(value)


@pytest.mark.parametrize("words", [[1], [{"url": "urn:hilum:fhir:owns"}], [{"url": "urn:hilum:fhir:drops-link"}]])
def test_broken_words(words: list[Any]) -> None:
    """An extension without its value says nothing."""
    found = (read_entries(bundle(extension=words)) or [])[0]
    assert ((), ()) == (found.owns, found.drops)


def test_future() -> None:
    """A time in the future is that of a wrong clock, and counts as now; a day may be one ahead, for its zone."""
    now = datetime(2024, 5, 1, 12, tzinfo=UTC)
    for expected, sent in (
        ("2024-05-01T12:00:00Z", "2042-05-01T08:00:00+02:00"),
        ("2024-05-01T12:00:00Z", "2042"),
        ("2024-05-02", "2024-05-02"),
        ("2024-05-01T20:00:00+02:00", "2024-05-01T20:00:00+02:00"),
        ("x", "x"),
    ):
        words = [{"url": "urn:hilum:fhir:as-of", "valueDateTime": sent}]
        (found,) = read_entries(bundle(extension=words), now) or []
        assert expected == found.as_of


def test_sent_in_the_future() -> None:
    """Each of two times in the future counts as now, also one that may be two."""
    now = datetime(2024, 5, 1, 12, tzinfo=UTC)
    words = [
        {"url": "urn:hilum:fhir:as-of", "valueString": "2042-10-26T02:10:00+02:00/2042-10-26T02:10:00+01:00"},
        {"url": "urn:hilum:fhir:sent", "valueDateTime": "2042-10-26T03:00:00+01:00"},
    ]
    (found,) = read_entries(bundle(extension=words), now) or []
    assert "2024-05-01T12:00:00Z 2024-05-01T12:00:00Z" == found.as_of
    words[0]["valueString"] = "2024-04-30T08:00:00"
    (found,) = read_entries(bundle(extension=words), now) or []
    assert "2024-04-30T08:00:00 2024-05-01T12:00:00Z" == found.as_of


def test_tokens() -> None:
    """The identifiers of a resource: a list, or one."""
    assert {("a", "1")} == tokens_of({"identifier": [{"system": "a", "value": "1"}, {"value": "2"}, 3]})
    assert {("a", "1")} == tokens_of({"identifier": {"system": "a", "value": "1"}})
    assert {("a", "1")} == tokens_of({"masterIdentifier": {"system": "a", "value": "1"}})
    assert set() == tokens_of({})


WORD = {"extension": [{"url": "urn:hilum:fhir:as-of"}]}
MADE = [
    ({"resourceType": "Bundle", "type": "transaction", "entry": [{}, WORD]}, True),
    ({"resourceType": "Bundle", "type": "batch", "entry": [WORD]}, False),
    ({"resourceType": "Bundle", "type": "transaction", "entry": [{"extension": [1, {"url": "x"}]}, 1]}, False),
    ({"resourceType": "Bundle", "type": "transaction", "entry": [{"extension": [{"url": []}]}]}, False),
    ({"resourceType": "Bundle", "type": "transaction", "entry": 1}, False),
    ({"resourceType": "Bundle", "type": "transaction"}, False),
    ({"resourceType": "Patient", **WORD}, False),
    ([WORD], False),
]


@pytest.mark.parametrize(("value", "expected"), MADE)
def test_made_by_a_step(value: Any, expected: bool) -> None:
    """A transaction with one of our extensions at an entry is one that a step has made."""
    assert expected is is_made_by_a_step(value)
