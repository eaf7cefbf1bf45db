"""The step that edits HL7v2: any message, any path, any text."""

from adapters.hl7.editing.edits import Edits, apply
from adapters.hl7.editing.operations import Table, Unlisted
from adapters.hl7.editing.paths import Path
from adapters.hl7.editing.reading import read_field
from adapters.hl7.editing.templates import read_rule
from gateway.contract.outcome import Refused
from tests.fuzz.er7_reader import CHARSETS
from tests.fuzz.source import Source

SEGMENTS = ("PID", "OBX", "MSH", "ZPD")
TEXTS = ("", "NEW", "a|b^c~d\\e&f", "Ä", "院", '""', "\\.br\\")
PATTERNS = (("^", "x"), (".", r"\g<0>\g<0>"), ("(a)|(b)", r"<\2>"), (r"\\", "/"), ("(?s)^.*$", "\\g<0>"))
TABLES = (
    Table({"": "x", "1": "2"}),
    Table({"1": "院|"}, Unlisted.REFUSE),
    Table({"1": "2"}, "a&b"),
)
NOTHING = Edits()


def target(data: bytes) -> None:
    """Edit the octets as one message."""
    source = Source(data)
    charset, edits = source.choice(CHARSETS), _edits(source)
    path = _path(source)
    message = source.rest()
    same = apply(NOTHING, message, charset)
    assert same is message or isinstance(same, Refused)
    text = read_field(message, path, charset)
    assert text is None or (text.strip() == text and len(text) <= 1024)
    edited = apply(edits, message, charset)
    assert isinstance(edited, Refused) or edited.startswith(message[:3]) or message[:3] != b"MSH"
    _check_what_stays(message, path, charset)


def _check_what_stays(message: bytes, path: Path, charset: str | None) -> None:
    """Copy a part to itself, and write each text as it is: nothing changes."""
    itself = Path(path.segment, path.occurrence or 1, *_numbers(path))
    again = Edits(copy=((itself, itself),), map=((path, Table({})),))
    same = apply(again, message, charset)
    assert same is message or isinstance(same, Refused)


def _edits(source: Source) -> Edits:
    operations = source.octet()
    return Edits(
        copy=((_path(source), _path(source)),) if operations & 1 else (),
        remove=(_path(source), _path(source)) if operations & 2 else (),
        set=((_path(source), source.choice(TEXTS)),) if operations & 4 else (),
        replace=((_path(source), read_rule(*source.choice(PATTERNS))),) if operations & 8 else (),
        map=((_path(source), source.choice(TABLES)),) if operations & 16 else (),
    )


def _path(source: Source) -> Path:
    segment = source.choice(SEGMENTS)
    numbers = [source.octet() % 4 or None for _ in range(4)]
    occurrence, repetition, component, sub = numbers
    # MSH-1 and MSH-2 cannot be named in the settings.
    field = source.octet() % 20 + (3 if segment == "MSH" else 1)
    return Path(segment, occurrence, field, repetition, component, sub if component else None)


def _numbers(path: Path) -> tuple[int | None, ...]:
    return path.field, path.repetition, path.component, path.subcomponent
