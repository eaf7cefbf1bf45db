"""Reads a ``DeidentifyConfig``; every mistake with its path and how to correct it, and never with a value."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from adapters.deidentify.google.config import DeidentifyConfig, Part

MOST = 1024 * 1024
"""Most octets of a file."""
BETA = frozenset({"dicomTagConfig", "fhirFieldConfig", "operationMetadata", "annotation", "hl7v2", "infoTypes"})
"""Fields of v1beta1, and of its earlier editions."""


def read_config(path: Path) -> DeidentifyConfig:
    """Return the configuration in a file; raises ValueError with the reason."""
    try:
        octets = path.read_bytes()[: MOST + 1]
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from None
    if len(octets) > MOST:
        raise ValueError(f"{path}: is larger than 1 MiB, so it is no DeidentifyConfig; name another file")
    try:
        return parse_config(octets)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def parse_config(octets: bytes) -> DeidentifyConfig:
    """Return the configuration in JSON; raises ValueError with the path in it and the mend."""
    try:
        found = json.loads(octets, object_pairs_hook=_object, parse_constant=_constant)
    except TwiceError:
        raise ValueError("a name is twice in one of its objects; remove one") from None
    except (ValueError, RecursionError):
        raise ValueError("is no JSON; write the DeidentifyConfig of the Cloud Healthcare API v1") from None
    if not isinstance(found, dict):
        raise ValueError("is no JSON object; write the DeidentifyConfig of the Cloud Healthcare API v1")
    try:
        return DeidentifyConfig.model_validate(found)
    except ValidationError as problem:
        mistakes = problem.errors(include_url=False, include_input=False, include_context=False)
        raise ValueError("; ".join(map(_sentence, mistakes))) from None


class TwiceError(ValueError):
    """A name occurs twice in an object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise TwiceError
    # In protobuf's JSON null is the same as nothing.
    return {name: value for name, value in found.items() if value is not None}


def _constant(_: str) -> NoReturn:
    raise ValueError


def _sentence(mistake: ErrorDetails) -> str:
    place, name = _path(mistake["loc"]), str(mistake["loc"][-1])
    match mistake["type"]:
        case "extra_forbidden" if name in BETA:
            return f"{place}: is a field of v1beta1, and Hilum knows v1 only; say the same with the fields of v1"
        case "extra_forbidden":
            return f"{place}: is no field there; {_known(mistake['loc'])}"
        case "literal_error":
            return f"{place}: {mistake['msg'].replace('Input should be', 'must be')}"
        case _:
            return f"{place}: {mistake['msg'].replace('Input should be', 'must be')}; correct it"


def _path(location: Sequence[str | int]) -> str:
    """Return ``fhir.fieldMetadataList[0].action``."""
    return "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in location).removeprefix(".")


def _known(location: Sequence[str | int]) -> str:
    """Say which fields there are in the place of the one that is not known."""
    part: Any = DeidentifyConfig
    for each in location[:-1]:
        if isinstance(each, str):
            part = _part_of(part, each)
    names = [str(field.alias) for field in part.model_fields.values()] if part else []
    return f"there is {', '.join(names)}" if names else "remove it"


def _part_of(part: type[Part] | None, name: str) -> type[Part] | None:
    for field_name, field in (part.model_fields if part else {}).items():
        if name in {field.alias, field_name}:
            return _class_in(field.annotation)
    return None


def _class_in(annotation: Any) -> type[Part] | None:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next((found for each in getattr(annotation, "__args__", ()) if (found := _class_in(each))), None)
