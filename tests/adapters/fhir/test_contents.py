"""The content of a document."""

import base64

import pytest

from adapters.fhir.contents import TEXT, split_content
from tests.adapters.fhir.making import context, segment

PDF = {"contentType": "application/pdf", "data": "JVBERg=="}
CONTENT: dict[str, tuple[list[str], list[tuple[str, str]], list[str]]] = {
    "nothing": ([], [], []),
    "lines": (["TX|1^A||one~two", "TX|1^A||three"], [("A", "one\ntwo\nthree")], []),
    "a line of every kind": (["ST|1^A||one", "FT|1^A||two", "TX|1^A||three"], [("A", "one\ntwo\nthree")], []),
    "no datatype": (["|1^A||one"], [("A", "one")], []),
    "parts with a heading": (["TX|1^A||one", "TX|2^B||two"], [("", "A\none\n\nB\ntwo")], []),
    "a part without a heading": (["TX|1||one", "TX|2^B||two"], [("", "one\n\nB\ntwo")], []),
    "no heading": (["TX|1||one"], [("", "one")], []),
    "escape sequences": (["FT|1^A||a\\.br\\b\\T\\c"], [("A", "a\nb&c")], []),
    "a withdrawn part": (["TX|1^A||one||||||D", "TX|1^A|2|two"], [("A", "two")], ["OBX-5"]),
    "an empty line": (["TX|1^A||one", "TX|1^A||", "TX|1^A||two"], [("A", "one\n\ntwo")], []),
    "no text at all": (["TX|1^A||"], [], []),
    "a deleted text": (['TX|1^A||""'], [], []),
}


@pytest.mark.parametrize(("obx", "expected", "left"), CONTENT.values(), ids=CONTENT)
def test_text(obx: list[str], expected: list[tuple[str, str]], left: list[str]) -> None:
    """All text of a document is one content, with the headings if there are several."""
    there = context()
    content, others = split_content([segment(f"OBX|1|{each}") for each in obx], there)
    assert expected == [(each.get("title", ""), base64.b64decode(each["data"]).decode()) for each in content]
    assert {TEXT} >= {each["contentType"] for each in content}
    assert ([], left) == (others, [each.place for each in there.report if "." not in each.place])


def test_comment() -> None:
    """A comment belongs to the text before it."""
    content, _ = split_content([segment("OBX|1|TX|1^A||one"), segment("NTE|1||dictated")], context())
    assert "one\ndictated" == base64.b64decode(content[0]["data"]).decode()


def test_attachments() -> None:
    """An attachment is a content of its own, after the text; one that cannot be read is reported."""
    there = context()
    lines = ["ED|1^A||^AP^PDF^Base64^JVBERg==~^AP^PDF^Base64^!", "TX|2^B||one"]
    content, _ = split_content([segment(f"OBX|1|{each}") for each in lines], there)
    assert [TEXT, "application/pdf"] == [each["contentType"] for each in content]
    assert PDF | {"title": "A"} == content[1]
    assert ["OBX-5.5"] == [each.place for each in there.report if each.place.startswith("OBX-5")]


def test_others() -> None:
    """Numbers and codes are no content but observations, with the comments on them."""
    segments = [segment("OBX|1|NM|1^x||5"), segment("NTE|1||seen"), segment("OBX|2|TX|1^A||one"), segment("ZZZ|1")]
    content, others = split_content(segments, context())
    assert (1, segments[:2]) == (len(content), others)


def test_code_of_a_part() -> None:
    """R4 has no place for the code of a part, which is reported."""
    there = context()
    split_content([segment("OBX|1|TX|11488-4^Letter^LN||one")], there)
    assert ["OBX-3.1", "OBX-3.3"] == [each.place for each in there.report]
