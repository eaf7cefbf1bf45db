"""Rows for people and for programs."""

from gateway.journal.query import Found, Page
from gateway.journal.rendering import page_as_json, table
from tests.gateway.journal.rows_for_tests import row


def test_table() -> None:
    """A message without an identifier has its message ID, and several tries their number."""
    found = [
        Found(2, row(2, key="", peer="LABORATORY", outcome="unavailable", answer="AR", reason="the store is away")),
        Found(1, row(1, attempts=3)),
    ]
    assert [
        "time                      peer        id  type     outcome      answer  destination    reason",
        "2027-01-15T08:00:02.000Z  LABORATORY  m2  ADT^A01  unavailable  AR      hl7-store      the store is away",
        "2027-01-15T08:00:01.000Z  HIS|WARD    C1  ADT^A01  stored       AA      hl7-store (3)",
    ] == list(table(found))


def test_json() -> None:
    """Places are texts, times are numbers and texts, and every field of a row is there."""
    page = page_as_json(Page([Found(1 << 60, row(1))], 1 << 59, 5.0, ["a.sqlite"]))
    assert (str(1 << 59), 5.0, ["a.sqlite"]) == (page["next"], page["searched_back_to"], page["unread"])
    messages = page["messages"]
    assert isinstance(messages, list)
    assert {"place": str(1 << 60), "time": "2027-01-15T08:00:01.000Z", **row(1)._asdict()} == messages[0]
