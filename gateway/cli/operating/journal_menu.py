"""The parser of ``hilum journal``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.cli.later import LaterModule, Run

journal = LaterModule("gateway.cli.operating.journal")
AddCommand = Callable[[Any, str, Run, str], Any]


def add_journal(menu: Any, command: AddCommand) -> None:
    """Add ``journal`` to *menu*; *command* is the function that adds one command."""
    parser = command(menu, "journal", journal.journal, "show what became of messages, the newest first")
    parser.add_argument("config", type=Path, metavar="CONFIG")
    parser.add_argument("--id", metavar="ID", help="a control ID, a SOP Instance UID, or a message ID of the log")
    parser.add_argument("--uid-prefix", metavar="TEXT", help="the beginning of control IDs or UIDs")
    parser.add_argument("--peer", metavar="NAME", help="AE title, MSH-3|MSH-4, or IP address")
    parser.add_argument("--listener", metavar="NAME")
    parser.add_argument("--destination", metavar="NAME")
    parser.add_argument(
        "--outcome", metavar="WORD", help="stored, committed, refused, …; `not_stored` for all but the first two"
    )
    parser.add_argument("--since", metavar="TIME", help="2026-03-01T08:00, or an age such as 12h")
    parser.add_argument("--until", metavar="TIME", help="likewise; exclusive")
    parser.add_argument("--limit", metavar="N", help="most rows (default 50)")
    parser.add_argument("--before", metavar="PLACE", help="continue after the previous page")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
