"""The step of a pipeline leaves nothing in that the public side could not have."""

from typing import Any

import pytest

from adapters.pipeline.step_problems import step_problems

PIPELINE: dict[str, Any] = {"via": "anonymous", "public": {"columns": ["Modality", "report"]}}
GOOD: dict[str, Any] = {"kind": "deidentify", "hl7v2": {"text": "known_identifiers"}}


def test_good() -> None:
    """A step that cleans text and holds images back is taken."""
    assert list(step_problems(PIPELINE, {"anonymous": GOOD})) == []


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (None, "the step 'anonymous' is not of kind deidentify"),
        ({"kind": "edit_dicom"}, "the step 'anonymous' is not of kind deidentify"),
        ({"kind": "deidentify"}, "pipeline.public.columns: the step 'anonymous' removes free text"),
        ({**GOOD, "google_config_file": "x"}, "follows a google_config_file"),
        ({**GOOD, "dicom": {"pixels": "keep"}}, "set it to redact_all_text or hold_back"),
        ({**GOOD, "dicom": {"options": ["retain_uids"]}}, "has retain_uids"),
        ({**GOOD, "dicom": {"options": ["retain_longitudinal_full_dates"]}}, "has retain_longitudinal_full_dates"),
    ],
)
def test_problems(step: Any, problem: str) -> None:
    """What a step would leave in is told, with the mend."""
    (found,) = step_problems(PIPELINE, {"anonymous": step})
    assert problem in found


def test_no_such_step() -> None:
    """A step that is not there is told with those that are."""
    (found,) = step_problems(PIPELINE, {"other": GOOD})
    assert found.endswith("'anonymous' is not there; name a step that de-identifies: there is other")
