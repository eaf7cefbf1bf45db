"""Each operation on made-up messages, against a model of nested lists, and python-hl7 as a judge."""

from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import hl7
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from adapters.hl7.editing.paths import Path
from gateway.contract.outcome import Refused
from tests.adapters.hl7.editing.making import edited

TEXT = st.text(st.sampled_from("aB1 |^~\\&#!@%*$Äß"), max_size=4)
DELIMITERS = ["|^~\\&", "|^~\\&#", "#!@%*", "$^~\\&"]
LEVELS = 3  # repetitions, components, subcomponents


@dataclass
class Made:
    """A message as nested lists: segments, fields, repetitions, components, subcomponents."""

    delimiters: str
    segments: list[list[Any]]
    end: str

    def octets(self) -> bytes:
        """Return what is sent."""
        field, encoding = self.delimiters[0], self.delimiters[1:]
        header = field.join(["MSH" + field + encoding, "HIS", "", "", "", "", "", "ADT", "C1"])
        lines = [header, *(self._line(segment) for segment in self.segments)]
        return "".join(line + self.end for line in lines).encode()

    def _line(self, segment: list[Any]) -> str:
        field, component, repetition, _, sub = list(self.delimiters[:5])
        dividers = [field, repetition, component, sub]

        def write(part: Any, depth: int) -> str:
            if isinstance(part, str):
                return self.escaped(part)
            return dividers[depth].join(write(each, depth + 1) for each in part)

        return field.join([segment[0], *(write(each, 1) for each in segment[1:])])

    def escaped(self, text: str) -> str:
        """Return a text as a sender writes it."""
        names = dict(zip(self.delimiters[:5], "FSRET", strict=True))
        mark = self.delimiters[3]
        return "".join(f"{mark}{names[char]}{mark}" if char in names else char for char in text)


def nested(depth: int) -> st.SearchStrategy[Any]:
    """Return parts within parts."""
    return TEXT if depth == 0 else st.lists(nested(depth - 1), min_size=1, max_size=2)


SEGMENT = st.tuples(st.sampled_from(["PID", "OBX", "ZPD"]), st.lists(nested(LEVELS), max_size=4)).map(
    lambda made: [made[0], *made[1]]
)
MADE = st.builds(
    Made, st.sampled_from(DELIMITERS), st.lists(SEGMENT, max_size=4), st.sampled_from(["\r", "\n", "\r\n"])
)
SMALL = st.integers(1, 3)


@st.composite
def paths(draw: st.DrawFn) -> Path:
    """Return the path of a field or of a part of it."""
    numbers = [draw(SMALL) for _ in range(draw(st.integers(0, LEVELS)))]
    repetition, component, sub = [*numbers, None, None, None][:LEVELS]
    return Path(draw(st.sampled_from(["PID", "OBX"])), draw(SMALL | st.none()), draw(SMALL), repetition, component, sub)


def meant(made: Made, path: Path) -> list[list[Any]]:
    """Return the segments that *path* means."""
    found = [segment for segment in made.segments if segment[0] == path.segment]
    return found if path.occurrence is None else found[path.occurrence - 1 : path.occurrence]


def numbers(path: Path) -> list[int]:
    """Return the numbers of the parts, the field's first, as far as they are written."""
    return [number for number in (path.field, path.repetition, path.component, path.subcomponent) if number is not None]


def put(parts: list[Any], where: list[int], text: str, depth: int) -> None:
    """Write *text* into nested lists, as a person would: fill up, go down, replace."""
    number, *rest = where
    empty: Any = ""
    for _ in range(LEVELS - depth):
        empty = [empty]
    while len(parts) < number:
        parts.append(_copied(empty))
    if rest:
        put(parts[number - 1], rest, text, depth + 1)
    else:
        parts[number - 1] = text


def _copied(part: Any) -> Any:
    return [_copied(each) for each in part] if isinstance(part, list) else part


def texts_at(parts: Any, where: list[int]) -> list[tuple[list[Any], int]]:
    """Return the lists, and the places in them, of all texts below *where*."""
    chosen = range(len(parts)) if not where else range(where[0] - 1, min(where[0], len(parts)))
    found: list[tuple[list[Any], int]] = []
    for index in chosen:
        found += [(parts, index)] if isinstance(parts[index], str) else texts_at(parts[index], where[1:])
    return found


@given(MADE, paths(), TEXT.filter(bool))
def test_set(made: Made, path: Path, text: str) -> None:
    """`set` writes the text where the path says, and all else is the same octets."""
    before = made.octets()
    after = edited({"set": {str(path): text}}, before)
    first = Path(path.segment, path.occurrence, path.field, path.repetition or 1, path.component, path.subcomponent)
    for segment in meant(made, path):
        fields = segment[1:]
        put(fields, numbers(first), text, 0)
        segment[1:] = fields
    assert made.octets() == after
    assert isinstance(after, bytes)
    assert_only_the_field_differs(before, after, path, made)


@given(MADE, paths(), TEXT.filter(bool))
def test_set_is_read_by_python_hl7(made: Made, path: Path, text: str) -> None:
    """What was set is what python-hl7 reads there."""
    after = edited({"set": {str(path): text}}, made.octets())
    assert isinstance(after, bytes)
    message = hl7.parse(after.decode().replace(made.end, "\r") + "ZZZ|x\r")  # it strips blanks from the last segment
    assume(is_counted(made))
    found = [number for number, segment in enumerate(by_name(made, path.segment), 1) if segment in meant(made, path)]
    for number in found if path.occurrence is None else [path.occurrence] if found else []:
        read = message.extract_field(
            path.segment, number, path.field, path.repetition or 1, path.component or 1, path.subcomponent or 1
        )
        assert text == read


def is_counted(made: Made) -> bool:
    """Whether python-hl7 counts every segment: it does not see one that is its name alone."""
    return all(len(segment) > 1 for segment in made.segments)


def by_name(made: Made, name: str) -> list[list[Any]]:
    """Return the segments with a name."""
    return [segment for segment in made.segments if segment[0] == name]


@given(MADE, paths())
def test_remove(made: Made, path: Path) -> None:
    """`remove` empties what the path says, and all else is the same octets."""
    before = made.octets()
    after = edited({"remove": [str(path)]}, before)
    for segment in meant(made, path):
        fields = segment[1:]
        where = numbers(path)
        if path.field is not None and path.field <= len(fields):
            repetitions = fields[path.field - 1]
            if path.repetition is None:
                fields[path.field - 1] = ""
            elif path.component is None:
                del repetitions[path.repetition - 1 : path.repetition]
            else:
                clear(repetitions, where[1:])
        segment[1:] = fields
    assert made.octets() == after
    assert isinstance(after, bytes)
    assert_only_the_field_differs(before, after, path, made)


def clear(parts: Any, where: list[int]) -> None:
    """Empty one part in nested lists, if it is there."""
    number, *rest = where
    if number <= len(parts):
        if rest:
            clear(parts[number - 1], rest)
        else:
            parts[number - 1] = ""


@given(MADE, st.sampled_from(["PID", "OBX", "ZPD"]), st.none() | SMALL)
def test_remove_segments(made: Made, name: str, occurrence: int | None) -> None:
    """`remove` takes segments away with their ends."""
    path = Path(name, occurrence)
    after = edited({"remove": [str(path)]}, made.octets())
    gone = [id(segment) for segment in meant(made, path)]
    made.segments = [segment for segment in made.segments if id(segment) not in gone]
    assert made.octets() == after


@given(MADE, paths(), st.sampled_from("aB1| Ä"), TEXT)
def test_replace(made: Made, path: Path, old: str, new: str) -> None:
    """`replace` does to each text at the path what Python's `re` does to it."""
    before = made.octets()
    pattern = {"pattern": "[" + old + "]", "with": new.replace("\\", "\\\\")}
    after = edited({"replace": {str(path): pattern}}, before)
    for segment in meant(made, path):
        fields = segment[1:]
        for parts, index in texts_at(fields, numbers(path)):
            parts[index] = parts[index].replace(old, new)
        segment[1:] = fields
    assert made.octets() == after
    assert isinstance(after, bytes)
    assert_only_the_field_differs(before, after, path, made)


@given(MADE, paths(), st.dictionaries(TEXT.filter(bool), TEXT, min_size=1, max_size=3), TEXT | st.just("keep"))
def test_map(made: Made, path: Path, values: dict[str, str], default: str) -> None:
    """`map` looks up the first text of each part that the path names."""
    before = made.octets()
    after = edited({"map": {str(path): {"values": values, "default": default}}}, before)
    for segment in meant(made, path):
        fields = segment[1:]
        depth = len(numbers(path))
        repetitions = range(1, 3) if path.repetition is None else [path.repetition]
        for repetition in repetitions:
            where = [path.field or 1, repetition, *[*numbers(path)[2:], 1, 1][:2]] if depth else []
            for parts, index in texts_at(fields, where):
                value = parts[index]
                parts[index] = values.get(value, value if default == "keep" else default) if value else value
        segment[1:] = fields
    assert made.octets() == after
    assert isinstance(after, bytes)
    assert_only_the_field_differs(before, after, path, made)


@given(MADE, paths(), paths())
def test_copy(made: Made, to: Path, source: Path) -> None:
    """After `copy` python-hl7 reads at the one path what it reads at the other, or the parts had no room."""
    to = Path(to.segment, to.occurrence or 1, to.field, to.repetition, to.component, to.subcomponent)
    source = Path("ZPD", 1, source.field, source.repetition, source.component, source.subcomponent)
    before = made.octets()
    after = edited({"copy": {str(to): str(source)}}, before)
    if isinstance(after, Refused):
        assert (to.component or 0) > 0
        return
    assert_only_the_field_differs(before, after, to, made)
    if by_name(made, "ZPD") and meant(made, to) and is_counted(made):
        assert first_text(after, source, made) == first_text(after, to, made)


def first_text(data: bytes, path: Path, made: Made) -> str:
    """Return what python-hl7 reads at *path*."""
    message = hl7.parse(data.decode().replace(made.end, "\r") + "ZZZ|x\r")
    try:
        read = message.extract_field(
            path.segment, path.occurrence, path.field, path.repetition or 1, path.component or 1, path.subcomponent or 1
        )
    except (IndexError, KeyError):  # KeyError: for a segment that is its name alone
        return ""
    return str(read or "")


def assert_only_the_field_differs(before: bytes, after: bytes, path: Path, made: Made) -> None:
    """Compare all octets but those of the field, which may have empty ones before it."""
    field = made.delimiters[0].encode()
    seen: dict[bytes, int] = {}
    old, new = before.split(made.end.encode()), after.split(made.end.encode())
    assert len(old) == len(new)
    for one, other in zip(old, new, strict=True):
        seen[one[:3]] = seen.get(one[:3], 0) + 1
        is_meant = one[:3] == path.segment.encode() and path.occurrence in (None, seen[one[:3]])
        if not is_meant:
            assert one == other
            continue
        pairs = list(zip_longest(one.split(field), other.split(field), fillvalue=b""))
        assert [] == [number for number, (a, b) in enumerate(pairs) if a != b and number != path.field]


@pytest.mark.parametrize("operation", ["set", "replace", "map"])
def test_a_text_that_goes_nowhere_is_not_judged(operation: str) -> None:
    """Where the path is absent, it does not matter that the message's character set lacks the text."""
    asked = {"set": "Ä", "replace": {"pattern": "x", "with": "Ä"}, "map": {"values": {"x": "Ä"}}}[operation]
    data = b"MSH|^~\\&|A|||||||||||||||ASCII\rPID|1\r"
    assert edited({operation: {"PV1-2": asked}}, data) is data
