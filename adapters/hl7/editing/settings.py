"""Settings of the step ``edit_hl7v2``."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from adapters.hl7.editing.paths import removed_path, source_path, target_path
from adapters.hl7.editing.tables import CONTROLS
from adapters.hl7.editing.templates import read_rule
from gateway.contract.settings import File, Settings


def _is_target(text: str) -> str:
    target_path(text)
    return text


def _is_source(text: str) -> str:
    source_path(text)
    return text


def _is_removable(text: str) -> str:
    removed_path(text)
    return text


def _is_field_text(text: str) -> str:
    if CONTROLS & set(text):
        raise ValueError("holds a line end or another control character, which no HL7 field may hold; remove it")
    return text


def _is_looked_up(text: str) -> str:
    if not text:
        raise ValueError("is an empty value, which is never looked up; remove it")
    return _is_field_text(text)


Target = Annotated[str, AfterValidator(_is_target)]
FieldText = Annotated[str, AfterValidator(_is_field_text)]


class ReplaceSettings(Settings):
    """A regular expression, and what is written in place of each of its matches."""

    pattern: str
    r"""Regular expression of Python's `re`. It may match anywhere in each text at the path, which is decoded, its
    escaped delimiters too; use `^` and `$` to match the whole text."""
    written: FieldText = Field(alias="with")
    r"""Replacement for each match: text, in which `\1` and `\g<name>` stand for groups of the pattern, and `\\` for a
    backslash."""

    @model_validator(mode="after")
    def _is_a_rule(self) -> Self:
        read_rule(self.pattern, self.written)
        return self


class MapSettings(Settings):
    """A table of values, and what is written for each; in the configuration itself, or in a file."""

    values: dict[Annotated[str, AfterValidator(_is_looked_up)], FieldText] | None = None
    """Received values, each with the value that is written for it."""
    file: File | None = None
    """CSV file in UTF-8 with two columns, the received value and the value that is written for it, without a header
    line. It is read at the start."""
    default: FieldText = "keep"
    """What happens to a value that is not in the table: `keep` leaves it, `refuse` refuses the message, and any other
    text replaces it."""

    @model_validator(mode="after")
    def _has_one_table(self) -> Self:
        if (self.values is None) == (self.file is None):
            raise ValueError("needs a table in one place; give either `values` or `file`")
        if self.values is not None and not self.values:
            raise ValueError("values is empty; add at least one")
        return self


class EditHl7v2Settings(Settings):
    """A step that edits HL7v2 messages. Its operations are applied in the order of these keys."""

    kind: Literal["edit_hl7v2"]
    """Edits fields of an HL7v2 message and leaves every other octet as it is: docs/steps.md has the paths and rules."""
    copied: dict[Target, Annotated[str, AfterValidator(_is_source)]] = Field(default_factory=dict, alias="copy")
    """Target paths, each with the source path whose value, as received, is copied there."""
    remove: tuple[Annotated[str, AfterValidator(_is_removable)], ...] = ()
    """Paths that are emptied; a repetition is removed with its delimiter, and the name of a segment (`ZPD`) removes all
    segments of that name."""
    set: dict[Target, FieldText] = Field(default_factory=dict)
    """Paths, each with the text that is written there, its delimiters escaped. `""` empties a field; `'""'` is the null
    of HL7."""
    replace: dict[Target, ReplaceSettings] = Field(default_factory=dict)
    """Paths, each with a regular expression and the replacement for its matches."""
    map: dict[Target, MapSettings] = Field(default_factory=dict)
    """Paths, each with a table of received values and what is written for each."""
