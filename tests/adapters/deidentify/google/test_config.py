"""The classes have each field of Google's discovery document, and no other; the docs have a row for each."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from adapters.deidentify.google.config import DeidentifyConfig, Part
from tests.adapters.deidentify.google.discovery import fields

PAGE = Path(__file__).parents[4] / "docs" / "deidentification.md"


def part_of(annotation: Any) -> type[Part] | None:
    """Return the class in an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next((found for each in get_args(annotation) if (found := part_of(each))), None)


def words(annotation: Any) -> set[str]:
    """Return the values of an enumeration in an annotation."""
    args = get_args(annotation)
    return {each for each in args if isinstance(each, str)} or {word for each in args for word in words(each)}


def known(part: type[Part] = DeidentifyConfig, above: str = "") -> Iterator[tuple[str, set[str]]]:
    """Yield each field of the classes, as the discovery document names it, with the values of an enumeration."""
    for field in part.model_fields.values():
        is_list = "tuple" in str(field.annotation)
        path = f"{above}.{field.alias}".removeprefix(".") + ("[]" if is_list else "")
        yield path, words(field.annotation)
        if (inner := part_of(field.annotation)) is not None:
            yield from known(inner, path)


def test_fields() -> None:
    """Each field and each value of an enumeration of the discovery document is known, and nothing else."""
    assert dict(known()) == {path: set(each.get("enum", ())) for path, each in fields()}


def test_documented() -> None:
    """docs/deidentification.md says of each field of the discovery document what it does here."""
    page = PAGE.read_text(encoding="utf-8").partition("### Each field")[2].partition("\n## ")[0]
    rows = [re.findall(r"`([\w.\[\]]+)`", row.split("|")[1]) for row in page.splitlines() if row.startswith("| `")]
    documented = [name for row in rows for name in row]
    # The row of `text.transformations[]` says that it has the same fields.
    wanted = [path for path, _ in fields() if not path.startswith("text.transformations[].")]
    assert sorted(documented) == sorted(wanted)


def test_names() -> None:
    """Both forms of names that protobuf's JSON has are taken; numbers are no texts, and texts no truth values."""
    given = {"dicom": {"skip_id_redaction": True}, "useRegionalDataProcessing": True}
    config = DeidentifyConfig.model_validate(given)
    assert config.dicom is not None
    assert config.dicom.skip_id_redaction is config.use_regional_data_processing is True
    mistakes: list[Any] = [
        {"useRegionalDataProcessing": "true"},
        {"dicom": {"keepList": {"tags": [100]}}},
        {"dicom": []},
    ]
    for wrong in mistakes:
        with pytest.raises(ValidationError):
            DeidentifyConfig.model_validate_json(json.dumps(wrong))
