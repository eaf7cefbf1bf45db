"""Each part of a route can take what the part before it gives."""

from contextlib import AbstractAsyncContextManager
from typing import Literal

import pytest

from adapters.mllp.kind import MLLP
from adapters.rest.kinds import DICOMWEB, HTTP
from gateway.config import chains
from gateway.config.chains import chain_problems
from gateway.contract.kind import Format, StepKind
from gateway.contract.settings import Settings
from gateway.contract.step import Step
from gateway.kinds import table


class ToSettings(Settings):
    """Any step."""

    kind: Literal["to_fhir"]


def no_step(_name: str, _settings: object) -> AbstractAsyncContextManager[Step]:
    """Open nothing: only what the kind says counts here."""
    raise AssertionError


HL7: frozenset[Format] = frozenset({"hl7v2"})
KINDS = table(
    [
        MLLP,
        HTTP,
        DICOMWEB,
        StepKind("tidy", ToSettings, HL7, no_step),
        StepKind("to_fhir", ToSettings, HL7, no_step, gives="fhir"),
        StepKind("edit_dicom", ToSettings, frozenset({"dicom"}), no_step),
    ]
)
LISTENERS, DESTINATIONS = {"adt": "mllp"}, {"endpoint": "http", "images": "dicomweb"}
STEPS = {"tidy": "tidy", "to-fhir": "to_fhir", "pixels": "edit_dicom", "odd": "no such kind"}

CHAINS: dict[str, tuple[object, object, list[str]]] = {
    "no step": (None, "endpoint", []),
    "a step that gives what it takes": (["tidy"], "endpoint", []),
    "two of them": (["tidy", "tidy"], ["endpoint"], []),
    "no step, another format": (
        None,
        "images",
        ["route.to: a dicomweb destination cannot take what a mllp listener receives"],
    ),
    "the listener's format": (
        ["pixels"],
        "images",
        [
            "route.via: a edit_dicom step cannot take what a mllp listener receives",
            "route.to: a dicomweb destination cannot take what a edit_dicom step gives",
        ],
    ),
    "the step's format": (
        ["to-fhir"],
        "endpoint",
        ["route.to: a http destination cannot take what a to_fhir step gives"],
    ),
    "between two steps": (
        ["to-fhir", "tidy"],
        "endpoint",
        [
            "route.via: a tidy step cannot take what a to_fhir step gives",
            "route.to: a http destination cannot take what a tidy step gives",
        ],
    ),
    "no such step": (
        ["other"],
        "endpoint",
        ["route.via: there is no step 'other'; there is odd, pixels, tidy, to-fhir"],
    ),
    "a kind that nobody knows": (["odd"], "images", []),
    "what is no name": ([{"tidy": {}}, ["tidy"], 1], "images", []),
}


@pytest.mark.parametrize(("via", "to", "problems"), CHAINS.values(), ids=CHAINS)
def test_chain(monkeypatch: pytest.MonkeyPatch, via: object, to: object, problems: list[str]) -> None:
    """A part that cannot accept its input is named; unknown names are reported elsewhere."""
    monkeypatch.setattr(chains, "KINDS", KINDS)
    route = {"from": "adt", "via": via, "to": to}
    assert problems == list(chain_problems("route", route, LISTENERS, STEPS, DESTINATIONS))
