"""Elements by their names."""

from typing import Any

import pytest

from adapters.rest.fhir.bodies import copied
from adapters.rest.fhir.elements import carry, first, has, head, items, remove

Json = dict[str, Any]
RACE, OTHER = {"url": "http://x/race.1", "valueString": "a"}, {"url": "http://x/other", "valueCode": "b"}
BODY: Json = {
    "resourceType": "Patient",
    "birthDate": "1980-03-15",
    "_birthDate": {"extension": [{"url": "http://x/time", "valueDateTime": "1980-03-15T10:00:00Z"}]},
    "deceasedBoolean": False,
    "period": {"start": "2024", "end": "2025"},
    "hospitalization": {"destination": {"display": "home"}},
    "extension": [RACE, OTHER],
    "valueSet": "no choice of types",
}
PARTS = {
    "birthDate": ("birthDate", "_birthDate"),
    "_birthDate.extension(http://x/time)": ("birthDate", "_birthDate"),
    "deceased[x]": ("deceasedBoolean",),
    "hospitalization.destination": ("hospitalization",),
    "valueSet": ("valueSet",),
}


@pytest.mark.parametrize("name", PARTS)
def test_remove(name: str) -> None:
    """An element goes with all its names, and with objects that are empty then."""
    body = copied(BODY)
    assert has(body, name)
    remove(body, name)
    assert not has(body, name)
    assert {each: value for each, value in BODY.items() if each not in PARTS[name]} == body


@pytest.mark.parametrize("name", PARTS)
def test_carry(name: str) -> None:
    """An element comes with all its names, and with the objects on the way."""
    body: Json = {}
    carry(body, BODY, name)
    assert {each: BODY[each] for each in PARTS[name]} == body


def test_inside() -> None:
    """Of an object, one element can be replaced."""
    body = copied(BODY)
    carry(body, {"period": {"end": "2026"}}, "period.end")
    assert {"start": "2024", "end": "2026"} == body["period"]


def test_extension() -> None:
    """Extensions are told apart by their URL, which may have dots."""
    body = copied(BODY)
    remove(body, "extension(http://x/race.1)")
    assert [OTHER] == body["extension"]
    carry(body, {"extension": [RACE, {"url": "http://x/other"}]}, "extension(http://x/race.1)")
    assert [OTHER, RACE] == body["extension"]
    carry(body, BODY, "extension(http://x/other)")
    assert [OTHER, RACE] == body["extension"], "the order does not depend on which one came last"
    remove(body, "extension(http://x/race.1)")
    remove(body, "extension(http://x/other)")
    assert "extension" not in body


def test_another_type() -> None:
    """A choice of types is replaced as one element."""
    body = copied(BODY)
    carry(body, {"deceasedDateTime": "2024"}, "deceased[x]")
    assert ("2024", False) == (body["deceasedDateTime"], "deceasedBoolean" in body)


def test_absent() -> None:
    """What the source does not have is removed."""
    body = copied(BODY)
    carry(body, {}, "birthDate")
    carry(body, {}, "period.start")
    assert ("birthDate" in body, body["period"]) == (False, {"end": "2025"})


def test_copies() -> None:
    """What is carried does not change with the source."""
    source: Json = {"name": [{"family": "A"}]}
    body: Json = {}
    carry(body, source, "name")
    source["name"][0]["family"] = "B"
    assert [{"family": "A"}] == body["name"]


@pytest.mark.parametrize("name", ["a.b", "period.end.x", "birthDate.x", "nothing[x]", "a.extension(u)"])
def test_not_there(name: str) -> None:
    """What is not there is not found, and can be removed."""
    body = copied(BODY)
    assert not has(body, name)
    remove(body, name)
    assert body == BODY


def test_names() -> None:
    """The outermost name, and the name by which elements are compared."""
    assert ("period", "deceased", "extension") == (first("period.end"), first("deceased[x]"), first("extension(u)"))
    assert ["birthDate", "period.end"] == [head(each) for each in ("_birthDate.extension(u)", "period.end")]


LISTS: Json = {
    "telecom": [{"use": "home", "value": "1"}, {"use": "work", "value": "2"}, "odd"],
    "participant": [{"type": [{"coding": [{"code": "ATND"}]}], "individual": {"display": "A"}}],
    "name": {"use": "work"},
}


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("telecom(use=work)", 1),
        ("telecom(use=old)", 0),
        ("participant(type.coding.code=ATND)", 1),
        ("participant(type.coding.code=ADM)", 0),
        ("name(use=work)", 0),
        ("absent(use=work)", 0),
    ],
)
def test_items(name: str, count: int) -> None:
    """The items of a list are named by a value in them; what has another form has none."""
    assert count == len(list(items(LISTS, name)))
