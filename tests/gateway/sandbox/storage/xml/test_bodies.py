"""XML that is written and read."""

from pathlib import Path

import pytest

from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage.files import File
from gateway.sandbox.storage.listing import Asked, Page
from gateway.sandbox.storage.records import Record
from gateway.sandbox.storage.store import Stored
from gateway.sandbox.storage.xml.bodies import children, error_body, listing, read_xml, simple, text, text_of


def test_names_are_escaped() -> None:
    """A name cannot end an element; what XML cannot hold is refused."""
    assert "&lt;a&gt;" == text("<a>")
    assert "<x xmlns" in simple("x", [("y", "<")])
    assert "<Message>&amp;</Message>" in error_body("C", "&")
    with pytest.raises(ReasonedError):
        text("\x01")


def test_listing() -> None:
    """With encoding-type=url every name can be told."""
    found = Stored("north", File("a\x01 b", Path("x"), 1, 1), Record(1, 1))
    told = listing("north", Asked(), Page([found.file]), [found], {"encoding-type": "url", "list-type": "2"})
    assert "<Key>a%01%20b</Key>" in told
    assert "<KeyCount>1</KeyCount>" in told


def test_reading() -> None:
    """Namespaces do not matter; a document type is refused."""
    root = read_xml(b'<a xmlns="urn:x"><b><c>1</c></b><b/></a>')
    assert ["1", ""] == [text_of(each, "c") for each in children(root, "b")]
    for wrong in (b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', b"", b"<a>", b"no"):
        with pytest.raises(ReasonedError):
            read_xml(wrong)
