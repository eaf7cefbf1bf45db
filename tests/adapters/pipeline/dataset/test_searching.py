"""Words of a search become a SELECT that finds whole words only."""

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")

from adapters.pipeline.dataset.searching import MOST_WORDS, NoWordsError, search_of
from adapters.tables.extra import open_duckdb


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("nodule", {"Nodule, 3 mm", "a small nodule"}),
        ("Nodule small", {"a small nodule"}),
        ("nod", set()),
        ("größer", {"größer als 5"}),
        ("'; DROP TABLE public_table; --", set()),
        ("3", {"Nodule, 3 mm"}),
    ],
)
def test_search(words: str, found: set[str]) -> None:
    """Words are found in upper and lower case, and not within others; nothing of them is SQL."""
    connection = open_duckdb()
    try:
        connection.execute("CREATE TABLE public_table (report VARCHAR)")
        for each in ("Nodule, 3 mm", "a small nodule", "nodules", "größer als 5", None):
            connection.execute("INSERT INTO public_table VALUES ($1)", [each])
        assert {row[0] for row in connection.execute(search_of(words)).fetchall()} == found
    finally:
        connection.close()


@pytest.mark.parametrize("words", ["", " - ", " ".join(f"w{number}" for number in range(MOST_WORDS + 1))])
def test_no_words(words: str) -> None:
    """Nothing to search for, and too much, are refused."""
    with pytest.raises(NoWordsError):
        search_of(words)
