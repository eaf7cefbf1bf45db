"""hl7apy's definitions."""

from typing import get_args

import pytest

from adapters.hl7.validation.definitions import VERSIONS, library, nearest
from adapters.hl7.validation.events import _EVENTS
from adapters.hl7.validation.settings import Version

NEAREST = {"2.5": "2.5", "2.5.1": "2.5.1", "2.5.2": "2.5", "2.3.2": "2.3", "2.9": None, "2": None, "x": None, "": None}


def test_versions_in_settings() -> None:
    """The settings name the versions that hl7apy has, which the daemon does not import."""
    assert set(get_args(Version)) == VERSIONS


@pytest.mark.parametrize(("version", "expected"), NEAREST.items())
def test_nearest(version: str, expected: str | None) -> None:
    """An unknown minor version is validated like the version that it belongs to."""
    assert expected == nearest(version)


@pytest.mark.parametrize("version", sorted(VERSIONS))
def test_every_structure_becomes_an_automaton(version: str) -> None:
    """Whatever a version defines can be read; a message of nothing lacks its MSH."""
    known = library(version, {})
    assert known is not None
    for structure in known.messages:
        (end,) = known.grammar(structure).read([])
        assert "MSH" in end.missing


def test_every_structure_of_an_event_is_defined_somewhere() -> None:
    """The table of events names structures that at least one version has."""
    known = [library(version, {}) for version in VERSIONS]
    assert set() == {name for name in _EVENTS if not any(each and name in each.messages for each in known)}


def test_a_profile_takes_the_place_of_a_structure() -> None:
    """The other structures stay those of the version."""
    known = library("2.5", {"ADT_A01": ("sequence", ())})
    assert known is not None
    assert ("sequence", ()) == known.messages["ADT_A01"]
    assert known.structure("ORU", "R01", "") == "ORU_R01"
