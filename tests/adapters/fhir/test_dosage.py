"""How much, how fast and when."""

import pytest

from adapters.fhir.bundle import Resource
from adapters.fhir.dosage import set_dosage
from tests.adapters.fhir.making import Json, context, fields, segment


def found(values: dict[int, str], *more: str, name: str = "RXE") -> list[Json]:
    """Return the dosages of an order with these fields, and with RXR and TQ1."""
    made = Resource("MedicationRequest", ("k",), "u", {})
    parts = [segment(each) for each in more]
    routes, timings = ([each for each in parts if each.name == kind] for kind in ("RXR", "TQ1"))
    set_dosage(made, segment(fields(name, values)), routes, timings, context())
    listed: list[Json] = made.body.get("dosageInstruction", [])
    assert bool(listed) == ("dosageInstruction" in made.owns)
    return listed


DOSES: dict[str, tuple[dict[int, str], Json]] = {
    "one amount": ({3: "1.50", 5: "mg"}, {"doseQuantity": "1.50"}),
    "twice the same": ({3: "1", 4: "1"}, {"doseQuantity": "1"}),
    "a range": ({3: "1", 4: "2"}, {"doseRange": "1-2"}),
    "the highest only": ({4: "2"}, {"doseQuantity": "2"}),
    "the lowest is deleted": ({3: '""', 4: "2"}, {"doseQuantity": "2"}),
    "deleted units": ({3: "1", 5: '""'}, {"doseQuantity": "1"}),
    "a rate": ({23: "102", 24: "mL/h"}, {"rateQuantity": "102"}),
}


def shown(portion: Json) -> Json:
    """Return the numbers of a portion as text."""
    return {
        name: f"{each['low']['value']}-{each['high']['value']}" if "low" in each else str(each["value"])
        for name, each in portion.items()
    }


@pytest.mark.parametrize(("values", "portion"), DOSES.values(), ids=DOSES)
def test_dose(values: dict[int, str], portion: Json) -> None:
    """A dose is an amount or a range."""
    (dosage,) = found(values)
    assert portion == shown(dosage["doseAndRate"][0])


NO_DOSE = {
    "nothing": ({2: "1^x"}, []),
    "below": ({3: "<500"}, ["RXE-3 no_element"]),
    "a comparator and a number": ({3: "<1", 4: "2"}, ["RXE-3 no_element", "RXE-4 no_range"]),
    "a text and a number": ({3: "some", 4: "2"}, ["RXE-3 unreadable", "RXE-4 no_range"]),
    "a number and a comparator": ({3: "1", 4: "<2"}, ["RXE-4 no_element", "RXE-3 no_range"]),
    "in the wrong order": ({3: "1000", 4: "500", 5: "mg"}, ["RXE-3 no_range", "RXE-4 no_range"]),
}


@pytest.mark.parametrize(("values", "left"), NO_DOSE.values(), ids=NO_DOSE)
def test_nothing(values: dict[int, str], left: list[str]) -> None:
    """Without a certain dose there is none, and both amounts are reported: R4 allows no comparator (sqty-1)."""
    there, made = context(), Resource("MedicationRequest", ("k",), "u", {})
    set_dosage(made, segment(fields("RXE", values)), [], [], there)
    assert ({}, left) == (made.body, [f"{each.place} {each.reason}" for each in there.report])


def test_timings() -> None:
    """Each TQ1 is a dosage, with what is common in each of them, and its own texts."""
    one, other = found({3: "1"}, "RXR|PO", "TQ1|1||BID", "TQ1|2||QHS|||||||with food|slowly")
    assert [(1, 1), (1, 2)] == [(each["doseAndRate"][0]["doseQuantity"]["value"], each["sequence"]) for each in
                                (one, other)]  # fmt: skip
    assert ("additionalInstruction" in one, "with food", "slowly") == (
        False,
        other["additionalInstruction"][0]["text"],
        other["text"],
    )
    assert "Swallow, oral" == one["route"]["coding"][0]["display"]


def test_amount_of_a_timing() -> None:
    """TQ1-2 is the dose where the order has none."""
    assert 2 == found({2: ""}, "TQ1|1|2^tab")[0]["doseAndRate"][0]["doseQuantity"]["value"]
    assert 1 == found({3: "1"}, "TQ1|1|2^tab")[0]["doseAndRate"][0]["doseQuantity"]["value"]


def test_comparator_of_a_timing() -> None:
    """The amount of a TQ1 has no comparator (R4 sqty-1)."""
    (dosage,) = found({1: "x"}, "TQ1|1|<2^mg|BID")
    assert "doseAndRate" not in dosage


def test_as_needed() -> None:
    """PRN is no priority: it is given if it is needed."""
    assert found({3: "1"}, "TQ1|1||||||||PRN")[0]["asNeededBoolean"] is True


def test_former_timing() -> None:
    """Before HL7 2.5 the timing is in RXE-1."""
    (dosage,) = found({1: "^^^20240501", 3: "1"})
    assert "2024-05-01" == dosage["timing"]["repeat"]["boundsPeriod"]["start"]


@pytest.mark.parametrize("more", [(), ("TQ1|1",)])
def test_no_timing(more: tuple[str, ...]) -> None:
    """A timing that says nothing is no dosage."""
    assert [] == found({1: "^^^soon"}, *more)


def test_second_route() -> None:
    """The first route counts."""
    (dosage,) = found({3: "1"}, "RXR|PO", "RXR|IV")
    assert "PO" == dosage["route"]["coding"][0]["code"]


def test_requested() -> None:
    """RXO has the same at other places."""
    (dosage,) = found({2: "1", 3: "2", 21: "5", 23: "8^mg"}, name="RXO")
    assert {"doseRange": "1-2", "rateQuantity": "5"} == shown(dosage["doseAndRate"][0])
