"""Settings of the step."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.hl7.validation.settings import ValidateHl7v2Settings, profile_octets


def test_defaults() -> None:
    """By default everything is checked, and reported."""
    settings = ValidateHl7v2Settings(kind="validate_hl7v2")
    assert ("report", None, 1) == (settings.level, settings.version, settings.processes)
    assert {True} == set(settings.checks.model_dump().values())
    assert b"" == profile_octets(settings.profile)


MISTAKES = {
    "level": ({"level": "ignore"}, "report"),
    "version": ({"version": "3.0"}, "2.8.2"),
    "a profile that is not there": ({"profile": "/nowhere/profile"}, "is no file"),
    "a profile that is a folder": ({"profile": "/"}, "is no file"),
    "a profile that is none": ({"profile": __file__}, "is no message profile"),
    "places": ({"ignore": ["PID.3"]}, "write them like `PV1` and `OBX-2`"),
    "processes": ({"processes": 0}, "greater than or equal to 1"),
    "seconds": ({"max_seconds": 0}, "greater than 0"),
    "checks": ({"checks": {"lengths": True}}, "not permitted"),
}


@pytest.mark.parametrize(("keys", "said"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(keys: dict[str, object], said: str) -> None:
    """Each mistake is found when the configuration is read."""
    with pytest.raises(ValidationError, match=said):
        ValidateHl7v2Settings.model_validate({"kind": "validate_hl7v2", **keys})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_profile_that_may_not_be_read(tmp_path: Path) -> None:
    """The error has the reason and what to do."""
    path = tmp_path / "profile"
    path.touch(mode=0)
    with pytest.raises(ValueError, match="let Hilum's user read it"):
        profile_octets(path)


def test_a_profile_that_is_too_large(tmp_path: Path) -> None:
    """A file that is no profile for its size is not read as a whole."""
    path = tmp_path / "profile"
    with path.open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    with pytest.raises(ValueError, match="is larger than"):
        profile_octets(path)
