"""Cuts a text into the records of a CSV file (RFC 4180), whole ones and broken ones, in flat memory.

A record ends with a line end outside of quotes. Where the quotes of a record are broken, nobody can tell what belongs
to its text and what is a record of its own. Nothing between its beginning and the line on which the break shows is read
as a record; that line is, if it is not the first one, as most often the record before it lacks a quote at its end.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from adapters.pipeline.reports.settings import ReportFormat

LINE_END = re.compile("\r\n|\r|\n")
ESCAPE = r"\\"
DOUBLED = re.compile('[^"]*+(?:""[^"]*+)*+')
ESCAPED = re.compile(r'[^"\\]*+(?:(?:""|\\[\s\S])[^"\\]*+)*+')
"""What a quoted text has before the quote that ends it, or before the end of what there is."""
TOO_LONG = "has more characters than `max_row_characters`"
INNER_QUOTE = "a quote stands within a quoted text; double it, or set `quotes` to escaped if a backslash is before it"
ENDLESS = "a quoted text begins in it and does not end, so nothing behind it could be read"


@dataclass(frozen=True, slots=True)
class Record:
    """A whole record."""

    row: int
    """As a spreadsheet counts: the first record is row 1."""
    line: int
    """As an editor counts."""
    text: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that cannot be read, and why."""

    row: int
    line: int
    last_line: int
    reason: str


class _State(Enum):
    FIELD = "at the beginning of a field"
    PLAIN = "in a field without quotes"
    QUOTED = "in a quoted field"
    CLOSED = "behind a quote in a quoted field"
    SKIPPED = "in the rest of a broken line"


class Splitter:
    """Cuts one file. The events do not depend on the pieces in which the text comes."""

    def __init__(self, separator: str, form: ReportFormat) -> None:
        is_escaped = form.quotes == "escaped"
        self._separator, self._most = separator, form.max_row_characters
        self._ends_plain = re.compile(f"[{re.escape(separator)}\r\n{ESCAPE if is_escaped else ''}]")
        self._within_quotes = ESCAPED if is_escaped else DOUBLED
        self._text = ""
        """What is not cut yet; of a record that is too long, only the part that is not scanned yet."""
        self._start = self._at = 0
        """Where in it the record begins, and what is scanned."""
        self._dropped = 0
        """Characters of the record that are forgotten."""
        self._row = self._first = self._line = 1
        """The record, the line in which it begins, and the line at ``_start``."""
        self._state = _State.FIELD
        self._problem = ""
        self._is_last = False

    def receive(self, text: str) -> Iterator[Record | Broken]:
        """Yield what *text* completes, in order."""
        self._text = self._text[self._start :] + text
        self._at -= self._start
        self._start = 0
        yield from self._events()
        if len(self._text) - self._start > self._most:
            self._drop()

    def end(self) -> Iterator[Record | Broken]:
        """Yield what is left when the file has ended."""
        self._is_last = True
        yield from self._events()
        if self._start < len(self._text) or self._problem:
            if self._state is _State.QUOTED:
                self._problem = ENDLESS
            yield self._cut(len(self._text))

    def _events(self) -> Iterator[Record | Broken]:
        """Scan what there is; a step that needs more text than there is returns False."""
        steps = {
            _State.FIELD: self._field,
            _State.PLAIN: self._plain,
            _State.QUOTED: self._quoted,
            _State.CLOSED: self._closed,
            _State.SKIPPED: self._skipped,
        }
        while self._at < len(self._text):
            found = steps[self._state]()
            if found is False:
                return
            if isinstance(found, Record | Broken) and not (isinstance(found, Record) and not found.text.strip("\r\n")):
                yield found

    def _field(self) -> None:
        is_quoted = self._text[self._at] == '"'
        self._at += is_quoted
        self._state = _State.QUOTED if is_quoted else _State.PLAIN

    def _plain(self) -> Record | Broken | bool:
        found = self._ends_plain.search(self._text, self._at)
        if found is None:
            self._at = len(self._text)
            return True
        self._at = found.start()
        if found[0] == self._separator:
            self._at += 1
            self._state = _State.FIELD
            return True
        return self._escaped() if found[0] == "\\" else self._line_end()

    def _quoted(self) -> bool:
        found = self._within_quotes.match(self._text, self._at)
        self._at = len(self._text) if found is None else found.end()
        if self._at == len(self._text):
            return True
        if self._text[self._at] == "\\":
            return self._escaped()
        self._at += 1
        self._state = _State.CLOSED
        return True

    def _closed(self) -> Record | Broken | bool:
        letter = self._text[self._at]
        if letter == '"':
            self._at += 1
            self._state = _State.QUOTED
        elif letter == self._separator:
            self._at += 1
            self._state = _State.FIELD
        elif letter in "\r\n":
            return self._line_end()
        else:
            return self._broken()
        return True

    def _skipped(self) -> Record | Broken | bool:
        found = LINE_END.search(self._text, self._at)
        self._at = len(self._text) if found is None else found.start()
        return found is None or self._line_end()

    def _escaped(self) -> bool:
        """Pass over an escape character and the one behind it."""
        if self._at + 1 == len(self._text) and not self._is_last:
            return False
        self._at = min(self._at + 2, len(self._text))
        return True

    def _line_end(self) -> Record | Broken | bool:
        """Cut behind the line end; CR may be the first half of one."""
        end = self._at + 1
        if self._text[self._at] == "\r":
            if end == len(self._text) and not self._is_last:
                return False
            end += self._text.startswith("\n", end)
        return self._cut(end)

    def _cut(self, end: int) -> Record | Broken:
        if self._dropped + end - self._start > self._most:
            self._problem = self._problem or TOO_LONG
        if self._problem:
            return self._end_of_broken(end)
        found = Record(self._row, self._first, self._text[self._start : end])
        self._begin(end)
        return found

    def _broken(self) -> Broken | bool:
        """Go on at the beginning of this line, or behind its end if the record has begun with it, or is too long."""
        is_too_long = self._dropped + self._at - self._start > self._most
        self._problem = TOO_LONG if is_too_long else INNER_QUOTE
        newest = max(self._text.rfind(each, self._start, self._at) for each in "\r\n")
        if newest >= 0 and not is_too_long:
            return self._end_of_broken(newest + 1)
        self._state = _State.SKIPPED
        return True

    def _end_of_broken(self, place: int) -> Broken:
        text = self._text[self._start : place]
        last = self._line + _lines(text) - text.endswith(("\r", "\n"))
        found = Broken(self._row, self._first, last, self._problem)
        self._begin(place)
        return found

    def _begin(self, place: int) -> None:
        """Begin the next record at *place*."""
        self._line += _lines(self._text[self._start : place])
        self._first = self._line
        self._row += 1
        self._start = self._at = place
        self._dropped = 0
        self._state, self._problem = _State.FIELD, ""

    def _drop(self) -> None:
        """Forget what is scanned of a record that is too long, but for its last line end or character."""
        self._problem = self._problem or TOO_LONG
        place = max(self._at - 1 - self._text.endswith("\r\n", 0, self._at), 0)
        self._line += _lines(self._text[self._start : place])
        self._dropped += place - self._start
        self._text, self._start, self._at = self._text[place:], 0, self._at - place


def _lines(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")
