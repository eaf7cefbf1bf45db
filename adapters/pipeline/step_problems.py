"""Checks that the step of a pipeline leaves nothing in that the public side could not have."""

from collections.abc import Iterator, Mapping
from typing import Any


def step_problems(pipeline: Mapping[str, Any], steps: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with ``via``; the sections may be malformed."""
    name = pipeline.get("via")
    if not isinstance(name, str):
        return
    step = steps.get(name)
    if not isinstance(step, Mapping) or step.get("kind") != "deidentify":
        those = sorted(str(key) for key, each in steps.items() if _kind(each) == "deidentify")
        what = "is not of kind deidentify" if name in steps else "is not there"
        yield f"pipeline.via: the step {name!r} {what}; name a step that de-identifies: there is {_list(those)}"
        return
    yield from _leaks(name, step)
    public = pipeline.get("public")
    columns = public.get("columns") if isinstance(public, Mapping) else None
    if isinstance(columns, list | tuple) and "report" in columns and _text(step) != "known_identifiers":
        yield (
            f"pipeline.public.columns: the step {name!r} removes free text, so `report` would be empty; remove it, or"
            f" set steps.{name}.hl7v2.text to known_identifiers"
        )


def _leaks(name: str, step: Mapping[str, Any]) -> Iterator[str]:
    if step.get("google_config_file") is not None:
        yield (
            f"pipeline.via: the step {name!r} follows a google_config_file, of which nobody can say beforehand what it"
            " leaves in; name a step with the settings `dicom` and `hl7v2`"
        )
    dicom = step.get("dicom")
    if not isinstance(dicom, Mapping):
        return
    if dicom.get("pixels") == "keep":
        yield (
            f"pipeline.via: steps.{name}.dicom.pixels is `keep`, so text in images would become public; set it to"
            " redact_all_text or hold_back"
        )
    options = dicom.get("options")
    for each in ("retain_uids", "retain_longitudinal_full_dates"):
        if isinstance(options, list | tuple) and each in options:
            yield (
                f"pipeline.via: steps.{name}.dicom.options has {each}, so the hospital's own values would become"
                " public; remove it there, or name another step"
            )


def _text(step: Mapping[str, Any]) -> object:
    hl7v2 = step.get("hl7v2")
    return hl7v2.get("text") if isinstance(hl7v2, Mapping) else None


def _kind(step: object) -> object:
    return step.get("kind") if isinstance(step, Mapping) else None


def _list(names: list[str]) -> str:
    return ", ".join(names) or "none"
