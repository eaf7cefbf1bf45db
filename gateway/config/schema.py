"""The JSON Schema of the configuration, for editors: whatever the schema refuses, `hilum check` refuses, too."""

from typing import Any

from gateway.config.descriptions import WithDescriptions
from gateway.config.loading import Config
from gateway.config.validation import ANCHORS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
IDENTIFIER = "urn:hilum:configuration"
VARIABLE = {"type": "string", "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*\}"}
"""A text with a variable of the environment; the schema cannot check its value."""
SAYS_NOTHING_OF_TEXTS = {"type", "title", "description", "default", "format", "examples"}
OUTSIDE = {"title", "description", "default"}
"""Keywords that describe a value and do not depend on its type."""


def json_schema() -> dict[str, Any]:
    """Return the schema."""
    schema = _for_editors(Config.model_json_schema(schema_generator=WithDescriptions))
    schema["patternProperties"] = {f"^{ANCHORS}": {"description": "A place for anchors; Hilum ignores it."}}
    return {"$schema": DIALECT, "$id": IDENTIFIER, **schema}


def _for_editors(schema: dict[str, Any]) -> dict[str, Any]:
    """Return *schema*, extended to allow ``${NAME}`` for values that a variable of the environment may give."""
    made = {key: _below(key, each) for key, each in schema.items() if key != "discriminator"}  # a keyword of OpenAPI
    if isinstance(made.get("description"), str):
        made["description"] = made["description"].replace("``", "`")
    if "oneOf" in made:  # if the kind comes from the environment, several choices fit
        made["anyOf"] = made.pop("oneOf")
        made["required"] = ["kind"]
    if "patternProperties" in made:
        made["additionalProperties"] = False
    if made.get("type") in ("integer", "number", "boolean") or _is_bound_text(made):
        outside = {key: made.pop(key) for key in OUTSIDE & made.keys()}
        return {**outside, "anyOf": [made, VARIABLE]}
    return made


def _below(key: str, value: Any) -> Any:
    if key in ("properties", "$defs", "patternProperties"):
        return {name: _for_editors(each) for name, each in value.items()}
    if key in ("anyOf", "oneOf"):
        return [_for_editors(each) for each in value]
    if key in ("items", "additionalProperties") and isinstance(value, dict):
        return _for_editors(value)
    return value


def _is_bound_text(schema: dict[str, Any]) -> bool:
    is_text = schema.get("type") == "string" or "const" in schema or "enum" in schema
    return is_text and bool(schema.keys() - SAYS_NOTHING_OF_TEXTS)
