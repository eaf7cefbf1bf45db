"""Searches, resources, bundles and patches that are wrong in every way are errors of the client, never of the store."""

import copy
import random
from typing import Any
from urllib.parse import quote

import pytest

from gateway.sandbox.fhir.definitions.parameters import parameters
from tests.gateway.sandbox.fhir.fhir_client import Fhir, entry
from tests.gateway.sandbox.fhir.search.data import RECORD
from tests.seeds import SEED

TRIES = 150
VALUES = (
    *("", "x", "a|b", "|", "a|", "2024", "gt2024-01", "1980-13", "true", "5.4", "5.4||mg", "5.4|", "1e400", "-", "gt"),
    *(
        ",",
        "\\",
        "$",
        "a$b",
        "8480-6$gt5",
        "Patient/1",
        "#a",
        "\x00",
        "*",
        "Patient:name",
        "Observation:subject",
        "0001",
    ),
    *("9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2024-01-01T00:00:00+25:00", "'; DROP"),
)
MODIFIERS = (
    *("", ":missing", ":exact", ":text", ":in", ":not-in", ":above", ":below", ":not", ":identifier", ":Patient", ":"),
    *(".name", ".identifier", ":Patient.name", ".subject.name", ":Patient.organization.name", ":iterate", ":Spam"),
)
SPECIAL = (
    *("_sort", "_count", "_include", "_revinclude", "_elements", "_summary", "_type", "_page_token", "_has"),
    *("_has:a", "_has:Observation:patient:code", "_id", "_lastUpdated"),
)
ODD: tuple[Any, ...] = (None, 5, "x", [], {}, True, [[]], [None], {"a": None}, 10**30, "\x00", {"reference": 5})
ADDRESSES = ("Patient", "Patient/a", "Patient?identifier=1", "x", "", "/", "Patient/a/b", "Patient/a/_history/x", "?")
POINTERS = ("/a", "/name", "/name/0", "/name/-", "", "/name/0/given/1", "/x/y", "a", "/id")


def spoiled(chance: random.Random, value: Any) -> Any:
    """Return *value* with some parts replaced by what does not belong there, and some left out."""
    if chance.random() < 0.06:
        return copy.deepcopy(chance.choice(ODD))
    if isinstance(value, dict):
        kept = {name: spoiled(chance, each) for name, each in value.items() if chance.random() > 0.03}
        if chance.random() < 0.05:
            kept[chance.choice(("id", "meta", "extension", "_status", "reference", "contained"))] = chance.choice(ODD)
        return kept
    return [spoiled(chance, each) for each in value] if isinstance(value, list) else value


def query(chance: random.Random) -> str:
    """Return a search."""
    kind = chance.choice(("Patient", "Observation", chance.choice(list(parameters()))))
    names = SPECIAL if chance.random() < 0.25 else list(parameters()[kind])
    parts = [
        f"{quote(chance.choice(names) + chance.choice(MODIFIERS), safe=':._')}={quote(chance.choice(VALUES), safe='')}"
        for _ in range(chance.choice((1, 1, 2)))
    ]
    return f"{kind}?{'&'.join(parts)}"


def bundle(chance: random.Random) -> Any:
    """Return a bundle of three entries."""
    entries = [
        entry(
            chance.choice(("PUT", "POST", "DELETE", "PATCH", "GET")),
            chance.choice(ADDRESSES),
            chance.choice(RECORD),
            chance.choice(("", "urn:uuid:1")),
        )
        for _ in range(3)
    ]
    kind = chance.choice(("transaction", "batch"))
    return spoiled(chance, {"resourceType": "Bundle", "type": kind, "entry": entries})


def patch(chance: random.Random) -> Any:
    """Return a JSON Patch of two operations."""
    return [
        {
            "op": chance.choice(("add", "remove", "replace", "move", "copy", "test", "x")),
            "path": chance.choice(POINTERS),
            "from": chance.choice(POINTERS),
            "value": chance.choice(ODD),
        }
        for _ in range(2)
    ]


@pytest.mark.parametrize("seed", [SEED])
async def test_never_a_failure_of_the_store(fhir: Fhir, seed: int) -> None:
    """The store answers every one of them, and goes on."""
    chance = random.Random(seed)
    for resource in RECORD:
        await fhir.put(resource)
    for _ in range(TRIES):
        wrong = spoiled(chance, chance.choice(RECORD))
        for method, path, body in (
            ("GET", query(chance), None),
            ("POST", "Observation", wrong),
            ("PUT", "Patient/a", wrong),
            ("POST", "", bundle(chance)),
            ("PATCH", "Patient/a", patch(chance)),
        ):
            status, said = await fhir.send(method, path, body)
            assert status < 500 or status == 501, (method, path, body)
            assert isinstance(said, dict)
    assert (await fhir.read("Patient/b"))[0] == 200
