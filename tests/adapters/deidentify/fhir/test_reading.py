"""JSON is read as every reader reads it, or held back; numbers keep their digits."""

import pytest

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir import reading
from adapters.deidentify.fhir.reading import DEEPEST, Number, read, write

SECRET = b"Quagmire"


@pytest.mark.parametrize(
    "text",
    [
        '{"a":4.10}', '{"a":-0}', '{"a":1E+5}', '{"a":12345678901234567890}', '{"a":[1,2.0,null,true,false,""]}',
        '{"a":"\u00fc \u3042 \U0001f600"}', '{"a":"\\"\\\\\\n\\u0001"}', "{}",
    ],
)  # fmt: skip
def test_round(text: str) -> None:
    """What is read is written as it was."""
    assert write(read(text.encode())).decode() == text


def test_number() -> None:
    """A number is kept as it is written."""
    assert read(b'{"a":4.10,"b":7}') == {"a": Number("4.10"), "b": Number("7")}


@pytest.mark.parametrize(
    "data",
    [
        b"", b"Quagmire", b'"Quagmire"', b'["Quagmire"]', b'{"a":"Quagmire"', b'{"a":NaN,"b":"Quagmire"}',
        b'{"a":-Infinity,"b":"Quagmire"}', b'{"Quagmire":1,"Quagmire":2}', b'{"a":[{"Quagmire":1,"Quagmire":1}]}',
        b'\xff{"a":"Quagmire"}', b'\xef\xbb\xbf{"a":"Quagmire"}', '{"a":"Quagmire"}'.encode("utf-16"),
        b'{"Quagmire":' * 200 + b"1" + b"}" * 200, b'{"a":' + b"[" * 100_000,
    ],
)  # fmt: skip
def test_unreadable(data: bytes) -> None:
    """The reason has nothing of what was read, nor has the exception that led to it."""
    with pytest.raises(HeldBackError) as caught:
        read(data)
    assert SECRET.decode() not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_levels() -> None:
    """The most levels can be read, and no more."""
    assert read(b'{"a":' * (DEEPEST - 1) + b"{}" + b"}" * (DEEPEST - 1))
    with pytest.raises(HeldBackError, match="more than 100 levels"):
        read(b'{"a":' * DEEPEST + b"{}" + b"}" * DEEPEST)


def test_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """The most values can be read, and no more."""
    monkeypatch.setattr(reading, "MOST_VALUES", 4)
    assert read(b'{"a":[1,{"b":2}]}')
    with pytest.raises(HeldBackError, match="values"):
        read(b'{"a":[1,2,{"b":2}]}')


@pytest.mark.parametrize("value", [{"a": "\ud800"}, {"\ud800": "a"}, {"a": ["x\udfff"]}])
def test_half_a_surrogate(value: reading.Json) -> None:
    """Half of a surrogate pair cannot be written, as a text or as a name."""
    with pytest.raises(HeldBackError, match="UTF-8"):
        write(value)
