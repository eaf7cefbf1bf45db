"""A text becomes a tree by sqlglot; every node of the tree must be in the list of what is known, with every argument.

All functions stay what they are in the text: sqlglot would turn many into those of other databases, which would be a
guess. Only a few forms that are not calls (CAST, EXTRACT) have nodes of their own.
"""

import logging
from collections.abc import Mapping, Set
from functools import cache
from typing import Any, ClassVar

from gateway.sandbox.bigquery.sql.refusing import QueryRefused

MOST_CHARACTERS, MOST_NODES = 100_000, 5_000
CLAUSES = "expressions distinct from_ joins where group having qualify order limit offset with_"
OPERATORS = "Add Sub Mul Div DPipe EQ NEQ GT GTE LT LTE And Or NullSafeEQ NullSafeNEQ Like"
ALLOWED: Mapping[str, Set[str]] = {
    **{name: {"this", "expression", "safe", "typed"} for name in OPERATORS.split()},
    "Alias": {"this", "alias"},
    "Anonymous": {"this", "expressions"},
    "Array": {"expressions", "value_constructor", "struct_name_inheritance"},
    "AtTimeZone": {"this", "zone"},
    "Between": {"this", "low", "high"},
    "Boolean": {"this"},
    "Bracket": {"this", "expressions", "offset", "safe"},
    "ByteString": {"this", "is_bytes"},
    "CTE": {"this", "alias"},
    "Case": {"this", "ifs", "default"},
    "Cast": {"this", "to"},
    "Column": {"this", "table", "db", "catalog"},
    "CurrentDate": {"this"},
    "CurrentTimestamp": {"this"},
    "DataType": {"this", "expressions", "nested"},
    "Distinct": {"expressions"},
    "Dot": {"this", "expression"},
    "Except": {"this", "expression", "distinct", "order", "limit", "offset", "with_"},
    "Exists": {"this"},
    "Extract": {"this", "expression"},
    "From": {"this"},
    "Group": {"expressions"},
    "Having": {"this"},
    "HexString": {"this", "is_integer"},
    "Identifier": {"this", "quoted"},
    "If": {"this", "true", "false"},
    "IgnoreNulls": {"this"},
    "In": {"this", "expressions", "query", "unnest"},
    "Intersect": {"this", "expression", "distinct", "order", "limit", "offset", "with_"},
    "Interval": {"this", "unit"},
    "Is": {"this", "expression"},
    "Join": {"this", "side", "kind", "on", "using"},
    "Limit": {"this", "expression"},
    "Literal": {"this", "is_string"},
    "Neg": {"this"},
    "Not": {"this"},
    "Null": set(),
    "Offset": {"expression"},
    "Order": {"this", "expressions"},
    "Ordered": {"this", "desc", "nulls_first"},
    "Parameter": {"this"},
    "Paren": {"this"},
    "ParseJSON": {"this", "is_literal"},
    "Qualify": {"this"},
    "RawString": {"this"},
    "RespectNulls": {"this"},
    "SafeFunc": {"this"},
    "Select": {*CLAUSES.split()},
    "Star": {"except_", "replace"},
    "Subquery": {"this", "alias"},
    "Table": {"this", "db", "catalog", "alias"},
    "TableAlias": {"this", "columns"},
    "TryCast": {"this", "to", "safe"},
    "Union": {"this", "expression", "distinct", "order", "limit", "offset", "with_"},
    "Unnest": {"expressions", "alias", "offset"},
    "Var": {"this"},
    "Where": {"this"},
    "Window": {"this", "partition_by", "order", "spec", "over"},
    "WindowSpec": {"kind", "start", "start_side", "end", "end_side"},
    "With": {"expressions"},
}
"""By the class of a node, the arguments that are known."""


def is_installed() -> bool:
    """Whether sqlglot can be imported."""
    try:
        import sqlglot  # noqa: F401, PLC0415  the extra `sandbox` may be absent
    except ImportError:
        return False
    return True


@cache
def _dialect() -> Any:
    from sqlglot.dialects.bigquery import BigQuery  # noqa: PLC0415  the extra `sandbox` may be absent

    # sqlglot's warnings quote the query, which may name a patient.
    logging.getLogger("sqlglot").disabled = True
    known = BigQuery.Parser

    class Parser(known):  # type: ignore[misc, valid-type]
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: parser for name, parser in known.FUNCTION_PARSERS.items() if name in {"CAST", "SAFE_CAST", "EXTRACT"}
        }
        NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {"CASE": known.NO_PAREN_FUNCTION_PARSERS["CASE"]}

    class Plain(BigQuery):
        """BigQuery's grammar, with every function as it is written."""

    Plain.Parser = Parser
    Plain.parser_class = Parser
    return Plain


def parse(text: str) -> Any:
    """Return the tree of one query; refuses everything else."""
    from sqlglot.errors import SqlglotError  # noqa: PLC0415  likewise

    if len(text) > MOST_CHARACTERS:
        raise QueryRefused(f"a query of more than {MOST_CHARACTERS} characters")
    if "|>" in text:
        raise QueryRefused("pipe syntax (|>)")
    try:
        dialect = _dialect()()
        trees = [each for each in dialect.parse(text) if each is not None]
    except (SqlglotError, RecursionError, ValueError) as error:
        raise QueryRefused("the query", f"is not valid, or has a form that is not known here{_where(error)}") from None
    if len(trees) != 1:
        raise QueryRefused("a script of several statements" if trees else "an empty query")
    _check(trees[0])
    return trees[0]


def numbered(text: str) -> str:
    """Return a query whose parameters without names are ``@place_0`` and so on: a tree does not keep their order."""
    from sqlglot.errors import SqlglotError  # noqa: PLC0415  likewise

    try:
        tokens = _dialect()().tokenize(text)
    except SqlglotError as error:
        raise QueryRefused("the query", f"is not valid{_where(error)}") from None
    places = [each.start for each in tokens if each.text == "?" and text[each.start] == "?"]
    for number, start in reversed(list(enumerate(places))):
        text = f"{text[:start]}@place_{number} {text[start + 1 :]}"
    return text


def _where(error: Exception) -> str:
    found = getattr(error, "errors", None)
    if not found or not found[0].get("line"):
        return ""
    return f" (line {found[0]['line']}, column {found[0]['col']})"


def _check(tree: Any) -> None:
    if type(tree).__name__ not in {"Select", "Union", "Intersect", "Except", "Subquery"}:
        raise QueryRefused(told(tree), "is no query; only SELECT is supported here")
    for count, node in enumerate(tree.walk()):
        if count > MOST_NODES:
            raise QueryRefused("a query as large as this")
        known = ALLOWED.get(type(node).__name__)
        if known is None:
            raise QueryRefused(told(node))
        for key, value in node.args.items():
            if value not in (None, False, [], "") and key not in known:
                raise QueryRefused(f"{told(node)} with {key.strip('_').upper()}")


def told(node: Any) -> str:
    """Return the name of a construct, as a reader of SQL knows it."""
    name = type(node).__name__
    words = "".join(f" {letter}" if letter.isupper() and number else letter for number, letter in enumerate(name))
    return words.upper()
