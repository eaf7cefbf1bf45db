"""Converts filter expressions of ``messages.list`` to SQL over the table of messages.

Supported: ``message_type``, ``send_facility``, ``send_date``, ``send_time``, ``create_time``,
``PatientId("value", "type")`` and ``labels.x``, with ``AND``, ``OR``, ``NOT`` and parentheses. A text must equal the
whole field; Google searches within the field.
"""

import re
from dataclasses import dataclass

TEXT_FIELDS = {
    "message_type": "message_type",
    "messageType": "message_type",
    "send_facility": "send_facility",
    "sendFacility": "send_facility",
}
TIME_FIELDS = {
    "send_date": "substr(send_time, 1, 10)",
    "sendDate": "substr(send_time, 1, 10)",
    "send_time": "julianday(send_time)",
    "sendTime": "julianday(send_time)",
    "create_time": "julianday(create_time)",
    "createTime": "julianday(create_time)",
}
PATIENT_ID = (
    "EXISTS (SELECT 1 FROM json_each(patient_ids)"
    " WHERE json_extract(value, '$.value') = ? AND json_extract(value, '$.type') = ?)"
)
LABEL = "json_extract(labels, ?)"

TOKEN = re.compile(r'\s*(?:"(?P<text>[^"]*)"|(?P<word>[A-Za-z_]+)|(?P<sign><=|>=|:\*|[=<>().,]))')
DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})\Z")
COMPARISONS = {"=", "<", "<=", ">", ">="}
MAX_DEPTH = 20


class FilterError(Exception):
    """The expression is not supported; the text says where."""


@dataclass(frozen=True, slots=True)
class Condition:
    """An SQL condition and the values of its placeholders."""

    sql: str
    values: tuple[str, ...] = ()


def parse_filter(expression: str) -> Condition:
    """Return the SQL condition of *expression*; every message meets an empty expression."""
    if not expression.strip():
        return Condition("1")
    return _Parser(_tokens(expression)).whole()


def _tokens(expression: str) -> list[tuple[str, str]]:
    tokens = []
    position = 0
    end = len(expression.rstrip())
    while position < end:
        match = TOKEN.match(expression, position)
        if match is None or match.lastgroup is None:
            raise FilterError(f"invalid filter at offset {position}")
        tokens.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return [*tokens, ("end", "")]


class _Parser:
    """A recursive descent parser: ``any`` (OR) consists of ``all`` (AND), ``all`` of ``one``."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def whole(self) -> Condition:
        condition = self._any()
        self._expect("end", "")
        return condition

    def _any(self) -> Condition:
        conditions = [self._all()]
        while self._accept("word", "OR"):
            conditions.append(self._all())
        return _joined(" OR ", conditions)

    def _all(self) -> Condition:
        conditions = [self._one()]
        while self._accept("word", "AND"):
            conditions.append(self._one())
        return _joined(" AND ", conditions)

    def _one(self) -> Condition:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FilterError("the filter is nested too deeply")
        try:
            return self._negated_or_plain()
        finally:
            self._depth -= 1

    def _negated_or_plain(self) -> Condition:
        if self._accept("word", "NOT"):
            inner = self._one()
            # For a message without the field the inner condition is NULL; ifnull makes it false, so NOT is true.
            return Condition(f"NOT ifnull({inner.sql}, 0)", inner.values)
        if self._accept("sign", "("):
            inner = self._any()
            self._expect("sign", ")")
            return inner
        return self._comparison(self._take("word"))

    def _comparison(self, name: str) -> Condition:
        if name == "PatientId":
            return self._patient_id()
        if name == "labels":
            return self._label()
        if name in TEXT_FIELDS:
            self._expect("sign", "=")
            return Condition(f"{TEXT_FIELDS[name]} = ?", (self._take("text"),))
        if name in TIME_FIELDS:
            return self._time(name)
        raise FilterError("the filter names a field that is not supported")

    def _time(self, name: str) -> Condition:
        sign = self._take("sign")
        value = self._take("text")
        is_date = name.lower().endswith("date")
        if sign not in COMPARISONS or not (DATE if is_date else INSTANT).match(value):
            raise FilterError(f"{name} needs a comparison with a quoted {'date' if is_date else 'RFC 3339 time'}")
        return Condition(f"{TIME_FIELDS[name]} {sign} {'?' if is_date else 'julianday(?)'}", (value,))

    def _patient_id(self) -> Condition:
        self._expect("sign", "(")
        value = self._take("text")
        self._expect("sign", ",")
        kind = self._take("text")
        self._expect("sign", ")")
        return Condition(PATIENT_ID, (value, kind))

    def _label(self) -> Condition:
        self._expect("sign", ".")
        kind, key = self._advance()
        if kind not in ("text", "word"):
            raise FilterError("labels needs a key")
        path = f'$."{key}"'
        if self._accept("sign", ":*"):
            return Condition(f"{LABEL} IS NOT NULL", (path,))
        self._expect("sign", "=")
        return Condition(f"{LABEL} = ?", (path, self._take("text")))

    def _advance(self) -> tuple[str, str]:
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def _accept(self, kind: str, value: str) -> bool:
        found = self._tokens[self._next] == (kind, value)
        if found:
            self._advance()
        return found

    def _expect(self, kind: str, value: str) -> None:
        if not self._accept(kind, value):
            raise FilterError(f"the filter needs {value or 'its end'} after {self._next} tokens")

    def _take(self, kind: str) -> str:
        found, value = self._advance()
        if found != kind:
            raise FilterError(f"the filter needs a {kind} after {self._next - 1} tokens")
        return value


def _joined(operator: str, conditions: list[Condition]) -> Condition:
    if len(conditions) == 1:
        return conditions[0]
    values = tuple(value for condition in conditions for value in condition.values)
    return Condition("(" + operator.join(condition.sql for condition in conditions) + ")", values)
