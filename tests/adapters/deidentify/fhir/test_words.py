"""The gateway's own extensions, by which a destination merges a bundle: they fit the resources afterwards."""

from typing import Any

import pytest

from adapters.deidentify.pseudonyms.dates import moved
from gateway.contract import fhir
from tests.adapters.deidentify.fhir.making import DAYS, PATIENT, SYSTEM, done

URN = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"


def words(url: str, value: dict[str, Any], **profile: Any) -> list[dict[str, Any]]:
    """Return what becomes of an extension of the patient's entry."""
    entry = {"fullUrl": URN, "resource": PATIENT, "extension": [{"url": url, **value}]}
    made = done({"resourceType": "Bundle", "type": "transaction", "entry": [entry]}, **profile)["entry"][0]
    assert made.get("extension") != []
    return [{**each, "link": made["fullUrl"], "number": made["resource"]["identifier"][0]["value"]}
            for each in made.get("extension", ())]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["name", "deceased[x]", "period.end", "telecom(use=work)", "extension(http://x.org/y)"]
)
@pytest.mark.parametrize("url", [fhir.OWNS, fhir.CLEARS, fhir.KEEPS, fhir.ADDS])
def test_elements(url: str, text: str) -> None:
    """Names of elements stay."""
    assert words(url, {"valueString": text})[0]["valueString"] == text


@pytest.mark.parametrize("url", [fhir.OWNS, fhir.AS_OF, fhir.SENT, fhir.ALSO, fhir.WORDS + "new"])
@pytest.mark.parametrize("profile", ["remove", "known_identifiers"])
def test_other_texts(url: str, profile: str) -> None:
    """A text that is no name of an element and no time goes, also where free text stays."""
    assert words(url, {"valueString": "Foreign Marker"}, text=profile) == []


@pytest.mark.parametrize("url", [fhir.AS_OF, fhir.SENT])
def test_times(url: str) -> None:
    """Times are moved by the patient's weeks, in each of their forms; a year alone would order nothing."""
    first, second = "2024-10-27T02:10:00+02:00", "2024-10-27T02:10:00+01:00"
    assert words(url, {"valueDateTime": first})[0]["valueDateTime"] == moved(first, DAYS)
    both = words(url, {"valueString": f"{first}/{second}"})[0]["valueString"]
    assert both == f"{moved(first, DAYS)}/{moved(second, DAYS)}"
    local = words(url, {"valueString": "2024-05-01T08:00:00"})[0]["valueString"]
    assert local == moved("2024-05-01T08:00:00", DAYS)
    assert words(url, {"valueDateTime": first}, profile="safe_harbor") == []


def test_identities() -> None:
    """Keys, links and identifiers are those of the resources."""
    for url in (fhir.ALSO, fhir.RIVAL):
        (found,) = words(url, {"valueUri": URN})
        assert found["valueUri"] == found["link"]
    (found,) = words(fhir.DROPS_LINK, {"valueReference": {"reference": URN}})
    assert found["valueReference"]["reference"] == found["link"]
    (found,) = words(fhir.TAKES, {"valueIdentifier": {"system": SYSTEM, "value": "4711007"}})
    assert found["valueIdentifier"]["value"] == found["number"]
    assert words(fhir.MOVES, {"valueBoolean": True})[0]["valueBoolean"] is True


def test_elsewhere() -> None:
    """They mean nothing in a resource, and go."""
    assert "extension" not in done({**PATIENT, "extension": [{"url": fhir.OWNS, "valueString": "name"}]})
