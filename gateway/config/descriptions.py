"""What each key of the settings means: the docstring below its field, read from the source when somebody asks.

pydantic does the same with ``use_attribute_docstrings``, but for every class of settings at the start of every process,
which makes each command start later by a seventh.
"""

import ast
import inspect
import textwrap
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import ModelSchema


def descriptions(settings: type[BaseModel]) -> dict[str, str]:
    """Return the docstrings of all fields of a group of settings by name, those of its bases among them."""
    found: dict[str, str] = {}
    for each in reversed(settings.__mro__):
        if issubclass(each, BaseModel) and each is not BaseModel:
            found |= _own(each)
    return {name: text for name, text in found.items() if name in settings.model_fields}


class WithDescriptions(GenerateJsonSchema):
    """Makes a JSON Schema whose properties say what they mean."""

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        """Return the schema of one group of settings."""
        made = super().model_schema(schema)
        cls: Any = schema["cls"]
        for name, text in descriptions(cls).items():
            alias = cls.model_fields[name].alias or name
            if alias in made.get("properties", {}):
                made["properties"][alias].setdefault("description", text)
        return made


def _own(settings: type[BaseModel]) -> dict[str, str]:
    """Return the docstrings that stand in the source of the class itself."""
    try:
        source = textwrap.dedent(inspect.getsource(settings))
    except (OSError, TypeError):  # a class that was made at run time
        return {}
    body = ast.parse(source).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101  the source of a class
    found = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                found[name] = inspect.cleandoc(words)
    return found
