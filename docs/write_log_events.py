"""Writes docs/reference/log-events.md from the table of events; tests check that page, table and code agree."""

from collections.abc import Iterable
from pathlib import Path

from gateway.telemetry.events import SECTIONS, Event
from gateway.telemetry.fields import ALWAYS, FIELDS

PAGE = Path(__file__).parent / "reference" / "log-events.md"
HEAD = """# Events of the log

Hilum writes one JSON object per line to stderr (`--log-format console` writes lines for people). `--log-level` sets the
lowest level that is logged. These tables are complete: a test compares them with each place in the code that logs.

No field holds an octet of a message's payload. Fields that do not apply are left out: a message that was stored has no
`reason`. With `workers` above 1 each process logs its own changes of state, such as `destination_unavailable`, with its
number in `worker`.
"""


def render() -> str:
    """Return the page."""
    sections = [f"\n## {title}\n\n{_events(events)}" for title, events in SECTIONS.items()]
    fields = f"\n## Fields\n\n{_table(('field', 'meaning'), _fields({**ALWAYS, **FIELDS}))}"
    return "".join([HEAD, f"\n## In each line\n\n{_table(('field', 'meaning'), _fields(ALWAYS))}", *sections, fields])


def _events(events: dict[str, Event]) -> str:
    rows = (
        (f"`{name}`", _listed(event.levels.split()), event.text, _listed(event.fields.split(), "`"))
        for name, event in events.items()
    )
    return _table(("event", "level", "meaning", "fields"), rows)


def _fields(fields: dict[str, str]) -> Iterable[Iterable[str]]:
    return ((f"`{name}`", text) for name, text in sorted(fields.items()))


def _listed(names: Iterable[str], quote: str = "") -> str:
    return ", ".join(f"{quote}{name}{quote}" for name in names) or "none"


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(columns)
    return "".join(f"| {' | '.join(line)} |\n" for line in (names, ["---"] * len(names), *rows))


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(render())
