"""What a text of the configuration has to look like, and what is said where it does not."""

import re
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True, slots=True)
class Form:
    """A regular expression for a whole text, which `hilum schema` shows too, and the sentence for other texts."""

    pattern: str
    otherwise: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Have pydantic ask ``check``."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Add the pattern."""
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$"}

    def check(self, text: str) -> str:
        """Return *text*; raises ValueError where it has another form."""
        if not re.fullmatch(self.pattern, text):
            raise ValueError(self.otherwise if text else f"is empty; {self.otherwise.partition('; ')[2]}")
        return text
