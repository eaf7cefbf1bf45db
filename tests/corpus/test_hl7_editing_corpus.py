"""Every HL7 file of the corpus through the step that edits: what is not asked for stays, octet for octet."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from adapters.hl7 import batch
from adapters.hl7.editing import paths
from adapters.hl7.editing.edits import Edits, apply
from adapters.hl7.editing.operations import Table
from adapters.hl7.editing.templates import read_rule
from adapters.hl7.er7 import Header
from gateway.contract.outcome import Refused
from tests.corpus.test_hl7_corpus import FILES, REFUSED, name, payloads

pytestmark = pytest.mark.skipif(not FILES, reason="the corpus is not beside the repository")

MOST = 40
"""Messages of a file of which all fields are looked at; one file holds a thousand that are much alike."""
EVERYTHING = read_rule("(?s)^(.*)$", r"\1")


@pytest.mark.parametrize("path", FILES, ids=name)
def test_nothing_changes(path: Path) -> None:
    """A step without operations, and one whose operations change nothing, leave every message as it is."""
    assert all(apply(Edits(), message) is message for message in messages(path))
    for message in islice(messages(path), MOST):
        fields = list(fields_of(message))
        absent = tuple(paths.Path("ZZZ", field=number) for number in range(1, 9))
        same = Edits(
            copy=tuple((each, each) for each in fields if name(path) not in DOUBLED),
            remove=(paths.Path("ZZZ"), *absent),
            set=tuple((each, "x") for each in absent),
            map=tuple((each, Table({})) for each in fields if name(path) not in NO_TEXT | DOUBLED),
        )
        assert apply(same, message) is message


@pytest.mark.parametrize("path", FILES, ids=name)
def test_own_values(path: Path) -> None:
    """A field that is set to its own value is the same octets, and so is each text that is written anew."""
    for message in islice(messages(path), MOST):
        if name(path) not in NO_TEXT | DOUBLED:
            rules = Edits(replace=tuple((each, EVERYTHING) for each in fields_of(message)))
            assert apply(rules, message) is message
        if is_simple(message):
            assert apply(Edits(set=tuple(texts_of(message))), message) is message


@pytest.mark.parametrize("path", FILES, ids=name)
def test_one_field_changes(path: Path) -> None:
    """A field of the header that is set stands there, and everything around it is the same octets."""
    for message in messages(path):
        edited = apply(Edits(set=((paths.Path("MSH", field=6), "NEW"),)), message)
        assert isinstance(edited, bytes)
        before, after = Header.parse(message), Header.parse(edited)
        assert before is not None
        assert after is not None
        assert [*before.fields[:5], b"NEW", *before.fields[6:]] == after.fields
        assert message[before.end :] == edited[after.end :]


NO_TEXT = {"healthsamurai/imaging-lung-01.hl7"}
"""Files that hold octets which are no text of their character set: their texts cannot be looked at."""
DOUBLED = {
    "cdc-dex/Lyme_WithBadDelimiters.txt",
    "linuxforhealth/sample_unix.hl7",
    "linuxforhealth/sample_win.hl7",
}
"""Files whose MSH-2 names one character for two delimiters: fields that hold it cannot be taken apart."""


def messages(path: Path) -> Iterator[bytes]:
    """Yield the messages of a file that a listener would deliver."""
    if name(path) not in REFUSED:
        for payload in payloads(path):
            yield from batch.cut(payload).messages


def lines(message: bytes) -> Iterator[tuple[str, int, bytes]]:
    """Yield each segment with its name and its number among those of that name."""
    seen: Counter[str] = Counter()
    for line in message.removeprefix(b"\xef\xbb\xbf").splitlines():
        segment = line[:3].decode("latin-1")
        if segment.isascii() and segment.isalnum() and segment.isupper() and segment[:1].isalpha():
            seen[segment] += 1
            yield segment, seen[segment], line


def fields_of(message: bytes) -> Iterator[paths.Path]:
    """Yield the path of each field, by a reading of its own."""
    separator = message.removeprefix(b"\xef\xbb\xbf").lstrip()[3:4]
    for segment, occurrence, line in lines(message):
        first = 3 if segment == "MSH" else 1
        for number in range(first, line.count(separator) + 3):
            yield paths.Path(segment, occurrence, number)


def is_simple(message: bytes) -> bool:
    """Whether the reading below is right for a message: ASCII, four delimiters, ends of one kind."""
    ends = {message.count(b"\r\n"), message.count(b"\r"), message.count(b"\n")}
    is_plain = message.isascii() and b"\x1b" not in message and b"\f" not in message
    return is_plain and message.startswith(b"MSH|^~\\&") and (len(ends) == 1 or ends >= {0})


def texts_of(message: bytes) -> Iterator[tuple[paths.Path, str]]:
    """Yield the path of each text without escape sequences, and the text."""
    start = message.lstrip()
    separator, component, repetition, escape, sub = (start[at : at + 1].decode() for at in range(3, 8))
    for segment, occurrence, line in lines(message):
        for number, field in enumerate(line.decode().split(separator), int(segment == "MSH")):
            if number < (3 if segment == "MSH" else 1):
                continue
            for at, each in enumerate(field.split(repetition), 1):
                for part, text in enumerate(each.split(component), 1):
                    for place, leaf in enumerate(text.split(sub), 1):
                        if escape not in leaf:
                            yield paths.Path(segment, occurrence, number, at, part, place), leaf


def test_exceptions_are_exceptions() -> None:
    """The files whose texts cannot be looked at are refused for it, and only they."""
    for path in FILES:
        if name(path) in NO_TEXT | DOUBLED:
            rules = [Edits(replace=((each, EVERYTHING),)) for message in messages(path) for each in fields_of(message)]
            assert any(isinstance(apply(rule, message), Refused) for rule in rules for message in messages(path))
