"""How a query is refused: by the name of the construct, and the reason."""

import re

REFUSED = "refused: "
"""How the text of an error begins that DuckDB raises because the value has no answer that is certain."""
FAILED = "failed: "
"""How the text of an error begins that BigQuery raises as well."""


class QueryRefused(Exception):  # noqa: N818  it says what became of the query
    """The query has no answer here; the text says which construct is the reason."""

    def __init__(self, construct: str, why: str = "is not supported here") -> None:
        super().__init__(f"{construct} {why}")
        self.construct = construct


def failing(message: str) -> str:
    """Return SQL that ends the query with an error that BigQuery has, too."""
    return _ending(FAILED + message)


def refusing(message: str) -> str:
    """Return SQL that ends the query because the answer for a value is not certain."""
    return _ending(REFUSED + message)


def _ending(message: str) -> str:
    """DuckDB's function ``error`` is volatile, and so could stand in no GROUP BY; a cast that fails can."""
    return f"(CASE WHEN CAST('{_quoted(message)}' AS BOOLEAN) THEN NULL END)"


def reason_of(message: str) -> str | None:
    """Return the reason for which a query ended by :func:`failing` or :func:`refusing`; None if it was another."""
    found = re.search(rf"'({FAILED}|{REFUSED})([^\n]*?)' to BOOL", message)
    if found is None:
        return None
    text = found[2].replace("''", "'")
    return text if found[1] == FAILED else f"{text} is not supported here"


def _quoted(message: str) -> str:
    return message.replace("'", "''")
