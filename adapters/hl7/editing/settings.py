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
    r"""Regular expression, as Python's `re` has it. It is looked for anywhere in each text at the path, decoded and
    without the escape sequences of delimiters; `^` and `$` bind it to the whole text."""
    written: FieldText = Field(alias="with")
    r"""What is written in place of a match: text, in which `\1` and `\g<name>` stand for groups of the pattern, and
    `\\` for a backslash."""

    @model_validator(mode="after")
    def _is_a_rule(self) -> Self:
        read_rule(self.pattern, self.written)
        return self


class MapSettings(Settings):
    """A table of values, and what is written for each; in the configuration itself, or in a file."""

    values: dict[Annotated[str, AfterValidator(_is_looked_up)], FieldText] | None = None
    """The value that comes, to what is written for it."""
    file: File | None = None
    """CSV file in UTF-8 with two columns, the value that comes and what is written for it, without a line of titles. It
    is read at the start."""
    default: FieldText = "keep"
    """What becomes of a value that the table does not have: `keep` leaves it, `refuse` refuses the message, and any
    other text is written in its place."""

    @model_validator(mode="after")
    def _has_one_table(self) -> Self:
        if (self.values is None) == (self.file is None):
            raise ValueError("needs a table in one place; give either `values` or `file`")
        if self.values is not None and not self.values:
            raise ValueError("values is empty; add at least one")
        return self


class EditHl7v2Settings(Settings):
    """A step that edits HL7v2 messages. Its operations work in the order in which they stand here."""

    kind: Literal["edit_hl7v2"]
    """Edits fields of an HL7v2 message and leaves every other octet as it is: docs/steps.md has the paths and rules."""
    copied: dict[Target, Annotated[str, AfterValidator(_is_source)]] = Field(default_factory=dict, alias="copy")
    """A path to the path of which it gets the value, as it was received."""
    remove: tuple[Annotated[str, AfterValidator(_is_removable)], ...] = ()
    """Paths of what is emptied; a repetition goes with its delimiter, and the name of a segment (`ZPD`) removes all
    segments of that name."""
    set: dict[Target, FieldText] = Field(default_factory=dict)
    """A path to the text that is written there, its delimiters escaped. `""` empties a field; `'""'` is the null of
    HL7."""
    replace: dict[Target, ReplaceSettings] = Field(default_factory=dict)
    """A path to a regular expression, and what is written in place of its matches."""
    map: dict[Target, MapSettings] = Field(default_factory=dict)
    """A path to a table of the values that come, and what is written for each."""
