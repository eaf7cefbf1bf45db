"""Functions of texts and octets."""

from collections.abc import Sequence
from typing import Any

from gateway.sandbox.bigquery.sql.compiler import Compiler
from gateway.sandbox.bigquery.sql.functions.forms import Form, Special, counted, form, no_over
from gateway.sandbox.bigquery.sql.refusing import QueryRefused, failing, refusing
from gateway.sandbox.bigquery.sql.types import INT64, STRING, array, text
from gateway.sandbox.bigquery.sql.values import Value, as_type

WHITE = "".join(
    map(chr, (*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000))
)
"""What Unicode calls White_Space."""
# Letters whose capitals or small ones are not one letter each (Unicode's SpecialCasing.txt), or depend on the place.
SPECIAL_CASE = (
    "[\u00df\u0149\u01f0\u0390\u03b0\u0587\u1e96-\u1e9e\u1f00-\u1fff\ufb00-\ufb17\u0130\u03a3\u03c3"
    "\u03c2\u0131\u017f\u212a\u212b]"
)
NEGATIVE = failing("a length is negative")
START = "(CASE WHEN {1} = 0 OR {1} < -length({0}) THEN 1 ELSE {1} END)"
EMPTY = refusing("an empty text to look for")


def _cased(function: str) -> str:
    problem = refusing("a letter whose capital is not one letter")
    return f"(CASE WHEN regexp_matches({{0}}, '{SPECIAL_CASE}') THEN {problem} ELSE {function}({{0}}) END)"


FORMS: dict[str, Sequence[Form]] = {
    "LENGTH": [form("STRING", "length({0})", "INT64"), form("BYTES", "octet_length({0})", "INT64")],
    "CHAR_LENGTH": [form("STRING", "length({0})", "INT64")],
    "CHARACTER_LENGTH": [form("STRING", "length({0})", "INT64")],
    "BYTE_LENGTH": [form("STRING", "strlen({0})", "INT64"), form("BYTES", "octet_length({0})", "INT64")],
    "OCTET_LENGTH": [form("STRING", "strlen({0})", "INT64"), form("BYTES", "octet_length({0})", "INT64")],
    "UPPER": [form("STRING", _cased("upper"), "STRING")],
    "LOWER": [form("STRING", _cased("lower"), "STRING")],
    "SUBSTR": [
        form("STRING,INT64", f"substr({{0}}, {START})", "STRING"),
        form(
            "STRING,INT64,INT64",
            f"(CASE WHEN {{2}} < 0 THEN {NEGATIVE} ELSE substr({{0}}, {START}, {{2}}) END)",
            "STRING",
        ),
    ],
    "SAFE.SUBSTR": [
        form("STRING,INT64", f"substr({{0}}, {START})", "STRING"),
        form("STRING,INT64,INT64", f"(CASE WHEN {{2}} >= 0 THEN substr({{0}}, {START}, {{2}}) END)", "STRING"),
    ],
    "LEFT": [form("STRING,INT64", f"(CASE WHEN {{1}} < 0 THEN {NEGATIVE} ELSE left({{0}}, {{1}}) END)", "STRING")],
    "RIGHT": [form("STRING,INT64", f"(CASE WHEN {{1}} < 0 THEN {NEGATIVE} ELSE right({{0}}, {{1}}) END)", "STRING")],
    "SAFE.LEFT": [form("STRING,INT64", "(CASE WHEN {1} >= 0 THEN left({0}, {1}) END)", "STRING")],
    "SAFE.RIGHT": [form("STRING,INT64", "(CASE WHEN {1} >= 0 THEN right({0}, {1}) END)", "STRING")],
    "TRIM": [
        form("STRING", f"trim({{0}}, {text(WHITE)})", "STRING"),
        form("STRING,STRING", "trim({0}, {1})", "STRING"),
    ],
    "LTRIM": [
        form("STRING", f"ltrim({{0}}, {text(WHITE)})", "STRING"),
        form("STRING,STRING", "ltrim({0}, {1})", "STRING"),
    ],
    "RTRIM": [
        form("STRING", f"rtrim({{0}}, {text(WHITE)})", "STRING"),
        form("STRING,STRING", "rtrim({0}, {1})", "STRING"),
    ],
    "REPLACE": [form("STRING,STRING,STRING", "replace({0}, {1}, {2})", "STRING")],
    "STARTS_WITH": [form("STRING,STRING", "starts_with({0}, {1})", "BOOL")],
    "ENDS_WITH": [form("STRING,STRING", "suffix({0}, {1})", "BOOL")],
    "STRPOS": [form("STRING,STRING", f"(CASE WHEN {{1}} = '' THEN {EMPTY} ELSE strpos({{0}}, {{1}}) END)", "INT64")],
    "INSTR": [form("STRING,STRING", f"(CASE WHEN {{1}} = '' THEN {EMPTY} ELSE strpos({{0}}, {{1}}) END)", "INT64")],
    "REVERSE": [
        form(
            "STRING",
            "(CASE WHEN regexp_full_match({0}, '[\\x00-\\x7f]*') THEN reverse({0}) WHEN {0} IS NULL THEN NULL"
            f" ELSE {refusing('REVERSE of a text that is not ASCII')} END)",
            "STRING",
        )
    ],
    "REPEAT": [
        form(
            "STRING,INT64",
            f"(CASE WHEN {{1}} < 0 THEN {NEGATIVE} WHEN {{1}} > 1000000 THEN {refusing('a text as long as this')}"
            " ELSE repeat({0}, {1}) END)",
            "STRING",
        )
    ],
    "TO_HEX": [form("BYTES", "lower(hex({0}))", "STRING")],
    "TO_BASE64": [form("BYTES", "base64({0})", "STRING")],
    "MD5": [form("STRING", "unhex(md5({0}))", "BYTES"), form("BYTES", "unhex(md5({0}))", "BYTES")],
    "SHA256": [form("STRING", "unhex(sha256({0}))", "BYTES"), form("BYTES", "unhex(sha256({0}))", "BYTES")],
}


def _concat(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    """CONCAT is NULL where an argument is; DuckDB's function would leave it out."""
    no_over("CONCAT", over)
    values = [as_type(expressions.value(each), STRING) for each in nodes]
    if not values or any(each is None for each in values):
        raise QueryRefused("the function CONCAT of something that is no STRING")
    return Value("(" + " || ".join(each.sql for each in values if each) + ")", STRING)


def _padded(name: str) -> Special:
    def pad(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        no_over(name, over)
        counted(name, nodes, 2, 3)
        wanted = (STRING, INT64, STRING)
        given = [as_type(expressions.value(each), kind) for each, kind in zip(nodes, wanted, strict=False)]
        values = [each for each in given if each is not None]
        if len(values) < len(nodes):
            raise QueryRefused(f"the function {name} of these types")
        fill = values[2].sql if len(values) == 3 else "' '"
        value, count = values[0].sql, values[1].sql
        problem = refusing(f"{name} of a negative or very great length, or with an empty pattern")
        wrong = f"{count} < 0 OR {count} > 1000000 OR {fill} = ''"
        return Value(
            f"(CASE WHEN {wrong} THEN {problem} ELSE {name.lower()}({value}, CAST({count} AS INTEGER), {fill}) END)",
            STRING,
        )

    return pad


def _split(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("SPLIT", over)
    counted("SPLIT", nodes, 1, 2)
    value = as_type(expressions.value(nodes[0]), STRING)
    separator = expressions.value(nodes[1]) if len(nodes) == 2 else Value("','", STRING, literal=",")
    if value is None or not separator.literal:
        raise QueryRefused("the function SPLIT with a delimiter that is no literal, or empty,")
    return Value(f"string_split({value.sql}, {separator.sql})", array(STRING))


SPECIAL: dict[str, Special] = {"CONCAT": _concat, "LPAD": _padded("LPAD"), "RPAD": _padded("RPAD"), "SPLIT": _split}
