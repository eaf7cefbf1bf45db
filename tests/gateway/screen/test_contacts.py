"""Whom to call."""

import pytest

from gateway.screen.contacts import contact_link

CONTACTS = {
    "PACS on-call, 4411": '<a href="tel:4411">PACS on-call, 4411</a>',
    "+49 (221) 4730-12": '<a href="tel:+49221473012">+49 (221) 4730-12</a>',
    "Laboratory IT": "Laboratory IT",
    "ward 12": "ward 12",
    "CT1, x9": "CT1, x9",
    "ops@hospital.example": "ops@hospital.example",
    "<script>": "&lt;script&gt;",
    "<b>4411</b>": '<a href="tel:4411">&lt;b&gt;4411&lt;/b&gt;</a>',
    "10.31.4.17": "10.31.4.17",
}


@pytest.mark.parametrize(("text", "html"), CONTACTS.items())
def test_contact(text: str, html: str) -> None:
    """A number of three digits or more can be dialled; anything else is text."""
    assert html == contact_link(text)
