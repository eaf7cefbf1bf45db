"""The words that start the commands of ``hilum spool``."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.cli.later import LaterModule, Run

care = LaterModule("gateway.cli.spool_care")
commands = LaterModule("gateway.cli.spool_commands")
AddCommand = Callable[[Any, str, Run, str], ArgumentParser]
MEANT = "parked ones, unless --state or an ID says otherwise"


def add_spool(menu: Any, command: AddCommand) -> None:
    """Add ``spool`` and its commands to *menu*; *command* adds one of them, as the command line does for its own."""
    text = "look after what waits for delivery or is parked"
    kinds = menu.add_parser("spool", help=text, description=text).add_subparsers(required=True, metavar="ACTION")

    def add(name: str, run: Run, help_text: str) -> ArgumentParser:
        parser = command(kinds, name, run, help_text)
        parser.add_argument("config", type=Path, metavar="CONFIG")
        return parser

    add("status", commands.status, "count what is in the spool, by destination and state")
    _add_list(add("list", commands.list_entries, "list entries, the oldest first"))
    _add_show(add("show", commands.show, "print one entry's record, or its payload"))
    _add_decision(add("retry", commands.retry, f"deliver entries again now: {MEANT}"))
    _add_discard(add("discard", commands.discard, f"give entries up for good: {MEANT}"))
    _add_move(add("move", commands.move, "give what waits or is parked for a destination to another one"))
    _add_export(add("export", commands.export, "write one entry's payload to a new file"))
    add("verify", care.verify, "read every spool through and tell what is damaged")
    repair = add("repair", care.repair, "save what is whole of damaged spools into new ones")
    repair.add_argument("names", nargs="*", metavar="SPOOL", help="by default those that the gateway has set aside")
    add("accept", care.accept, "vouch for what was committed before the key was set, while the gateway is stopped")
    backup = add("backup", care.backup, "copy what is spooled to a new folder while the gateway runs")
    backup.add_argument("folder", type=Path, metavar="DIR")


def _add_list(parser: ArgumentParser) -> None:
    _add_filters(parser)
    parser.add_argument("--limit", metavar="N", help="entries at once (default 100)")
    parser.add_argument("--after", metavar="ID", help="go on after this entry")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _add_show(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID")
    parser.add_argument("--payload", action="store_true", help="print the payload as received, and nothing else")
    parser.add_argument(
        "--after-steps", action="store_true", help="with --payload: as its route's steps would send it now"
    )


def _add_decision(parser: ArgumentParser) -> None:
    _add_filters(parser)
    parser.add_argument("--all", action="store_true", help="every parked entry")
    parser.add_argument("ids", nargs="*", metavar="ID", help="entries, right after CONFIG")


def _add_discard(parser: ArgumentParser) -> None:
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; it is kept, so name no patient")
    _add_decision(parser)


def _add_move(parser: ArgumentParser) -> None:
    parser.add_argument("--from", metavar="NAME", help="the destination; it need not be configured any more")
    parser.add_argument("--to", metavar="NAME", help="the destination that gets them; what is parked stays parked")
    _add_narrower_filters(parser)
    parser.add_argument("ids", nargs="*", metavar="ID", help="entries, right after CONFIG; by default all")


def _add_export(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID")
    parser.add_argument("file", type=Path, metavar="FILE")


def _add_filters(parser: ArgumentParser) -> None:
    parser.add_argument("--destination", metavar="NAME")
    _add_narrower_filters(parser)


def _add_narrower_filters(parser: ArgumentParser) -> None:
    parser.add_argument("--state", metavar="STATE", help="waiting, parked, delivered or discarded")
    parser.add_argument("--listener", metavar="NAME")
    parser.add_argument("--older-than", metavar="AGE", help="received before that, such as 90s, 15m, 2h or 7d ago")
