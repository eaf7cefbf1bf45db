"""The required form of a text in the configuration, and the error for a text that does not have it."""

import re
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True, slots=True)
class Form:
    """A regular expression for the whole text, also shown by `hilum schema`, and the error for other texts."""

    pattern: str
    otherwise: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Make pydantic call ``check``."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Add the pattern to the JSON Schema."""
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$"}

    def check(self, text: str) -> str:
        """Return *text*; raises ValueError if it does not match the pattern."""
        if not re.fullmatch(self.pattern, text):
            raise ValueError(self.otherwise if text else f"is empty; {self.otherwise.partition('; ')[2]}")
        return text
