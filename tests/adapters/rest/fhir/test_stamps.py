"""What is kept with a resource."""

from typing import Any

import pytest

from adapters.rest.fhir.stamps import URL, WHOLE, Stamps, item_name

Json = dict[str, Any]


def test_kept() -> None:
    """What is written is read again, and what others keep in meta stays."""
    stamps = Stamps("urn:uuid:1", "2023", {"name": "2024", "gender": "2024", "period.end": "2025"})
    stamps.add("identifier 1", "2024")
    stamps.unlink("urn:uuid:2", "2024")
    others = [{"url": "other"}, {"url": URL, "valueString": "{}"}]
    resource: Json = {"meta": {"tag": [{"code": "x"}], "extension": others}}
    stamps.write(resource)
    assert stamps == Stamps.of(resource)
    assert ([{"code": "x"}], ["other", URL]) == (
        resource["meta"]["tag"],
        [each["url"] for each in resource["meta"]["extension"]],
    )


def test_same_text() -> None:
    """The text depends on what is kept only, so that a resource that is unchanged is written alike."""
    one, other = Stamps(said={"a": "1", "b": "2"}), Stamps(said={"b": "2", "a": "1"})
    texts = []
    for each in (one, other):
        resource: Json = {}
        each.write(resource)
        texts.append(resource["meta"]["extension"][0]["valueString"])
    assert texts[0] == texts[1] == '{"said":{"1":["a"],"2":["b"]}}'


@pytest.mark.parametrize(
    "meta",
    [None, 1, {}, {"extension": 1}, {"extension": [1]}, {"extension": [{"url": URL}]},
     *({"extension": [{"url": URL, "valueString": text}]} for text in ("", "[]", "{", '{"said":1,"key":2,"named":3}',
                                                                        '{"said":{"2024":[1]},"items":{"x":2}}'))],
)  # fmt: skip
def test_of_others(meta: Any) -> None:
    """What others have written there counts as nothing."""
    assert Stamps() == Stamps.of({"meta": meta})


def test_order() -> None:
    """An older message changes neither an element that a newer one has written, nor a newer whole resource."""
    stamps = Stamps(said={"name": "2024-05-02"})
    accepted = [stamps.accepts(name, "2024-05-01") for name in ("name", "gender")]
    assert [False, True] == accepted
    stamps.say(WHOLE, "2024-05-03")
    assert not stamps.accepts("gender", "2024-05-02")
    assert stamps.accepts("name", "2024-05-02")


def test_latest() -> None:
    """The latest time is kept; a message without a time keeps none."""
    stamps = Stamps()
    for time in ("2024-05-02", "2024-05-01", ""):
        stamps.say("_birthDate.extension(u)", time)
    stamps.say("name", "")
    assert {"birthDate": "2024-05-02"} == stamps.said


def test_items() -> None:
    """A link is known by patient and type, any other item by its content; the name does not tell the content."""
    link = {"other": {"reference": "urn:uuid:1", "display": "x"}, "type": "replaces"}
    assert "link urn:uuid:1 replaces" == item_name("link", link)
    names = {item_name("identifier", {"value": value}) for value in ("Smith", "Smith", "Miller")}
    assert (2, False) == (len(names), any("Smith" in each for each in names))
    assert "link  " == item_name("link", {"other": 1})


def test_future() -> None:
    """A time in the future, which a wrong clock has left, does not hold back what comes now."""
    kept = Stamps(said={"name": "2999-05-01T08:00:00Z", "gender": "2024-05-01"})
    resource: dict[str, Any] = {}
    kept.write(resource)
    assert {"gender": "2024-05-01"} == Stamps.of(resource).said
