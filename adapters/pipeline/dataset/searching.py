"""Full-text search over the cleaned reports of the public table: whole words, in upper or lower case, all of them.

The reports are scanned; there is no index beside the table, which would be a second thing to forget a patient in.
"""

import re

from adapters.pipeline.dataset.publishing import TABLE
from adapters.tables.columns import text

WORD = re.compile(r"\w+")
MOST_WORDS = 32
COLUMN = "report"


class NoWordsError(ValueError):
    """There is nothing to search for, or too much."""


def search_of(words: str) -> str:
    """Return the SELECT for the rows whose report has all *words*; raises NoWordsError."""
    found = list(dict.fromkeys(WORD.findall(words.lower())))
    if not found:
        raise NoWordsError("--search: has no word; write words that a report has")
    if len(found) > MOST_WORDS:
        raise NoWordsError(f"--search: has more than {MOST_WORDS} words; write fewer")
    edge = r"[^\p{L}\p{N}_]"
    conditions = (f"regexp_matches(lower({COLUMN}), {text(f'(^|{edge}){word}($|{edge})')})" for word in found)
    return f"SELECT * FROM {TABLE} WHERE {' AND '.join(conditions)}"  # noqa: S608  words only
