"""The words that start the commands of ``hilum spool``."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.cli.later import LaterModule, Run

care = LaterModule("gateway.cli.spool_care")
commands = LaterModule("gateway.cli.spool_commands")
decisions = LaterModule("gateway.cli.spool_decisions")
exporting = LaterModule("gateway.cli.spool_export")
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

    add("status", commands.status, "count what is in the spool: by destination and state, and by reason")
    _add_list(add("list", commands.list_entries, "list entries: parked ones first, then what waits; the oldest first"))
    _add_show(add("show", commands.show, "print one entry's record, or its payload"))
    _add_decision(add("retry", decisions.retry, f"deliver entries again now: {MEANT}"))
    _add_discard(add("discard", decisions.discard, f"give entries up for good: {MEANT}"))
    _add_move(add("move", decisions.move, "give what waits or is parked for a destination to another one"))
    _add_export(add("export", exporting.export, "write payloads to new files: one entry's, or those of a selection"))
    add("verify", care.verify, "read every spool through and tell what is damaged")
    repair = add("repair", care.repair, "save what is whole of damaged spools into new ones")
    repair.add_argument("names", nargs="*", metavar="SPOOL", help="by default those that the gateway has set aside")
    add("accept", care.accept, "vouch for what was committed before the key was set, while the gateway is stopped")
    backup = add("backup", care.backup, "copy what is spooled to a new folder while the gateway runs")
    backup.add_argument("folder", type=Path, metavar="DIR")


def _add_list(parser: ArgumentParser) -> None:
    parser.add_argument("--destination", metavar="NAME")
    _add_narrower_filters(parser, "--reason")
    parser.add_argument("--newest", action="store_true", help="the newest first, whatever their state")
    parser.add_argument("--limit", metavar="N", help="entries at once (default 100)")
    parser.add_argument("--after", metavar="PLACE", help="go on after this entry, or where the page before ended")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _add_show(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID")
    parser.add_argument("--payload", action="store_true", help="print the payload as received, and nothing else")
    parser.add_argument(
        "--after-steps", action="store_true", help="with --payload: as its route's steps would send it now"
    )


def _add_decision(parser: ArgumentParser) -> None:
    _add_filters(parser)
    parser.add_argument("--all", action="store_true", help="every parked entry; with --destination or --reason-like")
    parser.add_argument("--dry-run", action="store_true", help="show what would be decided on, and change nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
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
    _add_filters(parser)
    parser.add_argument("--into", type=Path, metavar="DIR", help="write each payload of the selection to a file in it")
    parser.add_argument("--all", action="store_true", help="with --into: all that waits or is parked")
    words = "right after CONFIG: ID FILE; or with --into the IDs of entries"
    parser.add_argument("ids", nargs="*", metavar="ID", help=words)


def _add_filters(parser: ArgumentParser) -> None:
    parser.add_argument("--destination", metavar="NAME")
    _add_narrower_filters(parser)


def _add_narrower_filters(parser: ArgumentParser, *reason_too: str) -> None:
    parser.add_argument("--state", metavar="STATE", help="waiting, parked, delivered or discarded")
    parser.add_argument("--listener", metavar="NAME")
    parser.add_argument("--older-than", metavar="AGE", help="received before that, such as 90s, 15m, 2h or 7d ago")
    parser.add_argument("--reason-like", *reason_too, metavar="TEXT", help="with this text in the reason")
    parser.add_argument("--control-id", metavar="ID", help="of this HL7 message: MSH-10, letter for letter")
    parser.add_argument("--sop-instance-uid", metavar="UID", help="of this DICOM instance")
