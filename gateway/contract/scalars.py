"""Numbers, truth values and texts of a configuration are taken as they are written.

YAML has its own types: `yes` is a truth value, `"2575"` a text. Where pydantic would convert a value of the wrong type,
it is refused here, and the error says what to write. A text from the environment is converted, because the environment
has only texts.
"""

from collections.abc import Callable
from typing import Any

from pydantic_core import PydanticCustomError, core_schema


class Unquoted(str):
    """A text that may be a number or a truth value, because it is from the environment or was not in quotes."""

    __slots__ = ()


def take_number(value: object) -> object:
    """Return *value* for a number; raises PydanticCustomError if it has another type."""
    if isinstance(value, bool):
        raise PydanticCustomError("bool_for_number", "must be a number")
    if isinstance(value, str) and not isinstance(value, Unquoted):
        raise PydanticCustomError("text_for_number", "must be a number")
    return value


def take_choice(value: object) -> object:
    """Return *value* for a choice of whole numbers; raises PydanticCustomError if it has another type."""
    taken = take_number(value)
    return int(taken) if isinstance(taken, Unquoted) and taken.isdecimal() else taken


def take_flag(value: object) -> object:
    """Return *value* for a truth value; raises PydanticCustomError if it has another type."""
    if not isinstance(value, bool | Unquoted | None | list | dict):
        raise PydanticCustomError("other_for_flag", "must be true or false")
    return value


def as_written(schema: Any, group: type) -> Any:
    """Return the pydantic *schema* of a *group* of settings, changed to take numbers and truth values as written.

    Groups within it stay as they are: pydantic has asked for their schemas in the same way before.
    """
    if isinstance(schema, list | tuple):
        return type(schema)(as_written(each, group) for each in schema)
    if not isinstance(schema, dict):
        return schema
    if not isinstance(schema.get("type"), str):  # the fields of a group by name, or the choices by tag
        return {name: as_written(each, group) for name, each in schema.items()}
    is_done = schema.get("function", {}).get("function") in TAKERS
    if is_done or (schema["type"] == "model" and schema["cls"] is not group):
        return schema
    taker = _taker(schema)
    if taker is not None:
        return core_schema.no_info_before_validator_function(taker, schema)
    return {key: as_written(each, group) if key in BELOW else each for key, each in schema.items()}


TAKERS = (take_number, take_choice, take_flag)
BELOW = {"schema", "fields", "choices", "items_schema", "values_schema", "definitions", "lax_schema", "strict_schema"}
"""The keys of a pydantic schema that contain other schemas."""


def _taker(schema: dict[str, Any]) -> Callable[[object], object] | None:
    if schema.get("strict"):  # a strict schema checks the type itself
        return None
    if schema["type"] == "literal" and all(type(each) is int for each in schema["expected"]):
        return take_choice
    return {"int": take_number, "float": take_number, "bool": take_flag}.get(schema["type"])
