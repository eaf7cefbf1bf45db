"""Reading of Content-Type and Accept."""

import pytest

from gateway.sandbox.dicom.media_type import parse_accept, parse_media_type

MEDIA_TYPES = {
    "plain": ("application/dicom", "application/dicom", {}),
    "upper case": ("Application/DICOM; Transfer-Syntax=1.2", "application/dicom", {"transfer-syntax": "1.2"}),
    "quoted": (
        'multipart/related; type="application/dicom"; boundary="a;b,c"',
        "multipart/related",
        {"type": "application/dicom", "boundary": "a;b,c"},
    ),
    "a parameter without a value": ("a/b; c", "a/b", {"c": ""}),
    "empty": ("", "", {}),
}


@pytest.mark.parametrize(("text", "name", "parameters"), MEDIA_TYPES.values(), ids=MEDIA_TYPES)
def test_media_type(text: str, name: str, parameters: dict[str, str]) -> None:
    """Names are compared in lower case, quoted values are whole."""
    parsed = parse_media_type(text)
    assert (parsed.name, parsed.parameters) == (name, parameters)


ACCEPT = {
    "absent": ("", ["*/*"]),
    "in order": ("text/html, application/json", ["text/html", "application/json"]),
    "by quality": ("a/a; q=0.1, b/b, c/c;q=0.5", ["b/b", "c/c", "a/a"]),
    "refused": ("a/a; q=0, b/b", ["b/b"]),
    "nonsense as quality": ("a/a; q=x, b/b", ["b/b"]),
    "a comma in quotes": ('multipart/related; type="a,b", c/c', ["multipart/related", "c/c"]),
}


@pytest.mark.parametrize(("text", "names"), ACCEPT.values(), ids=ACCEPT)
def test_accept(text: str, names: list[str]) -> None:
    """What is acceptable comes in the order of preference."""
    assert [media_type.name for media_type in parse_accept(text)] == names
