"""The parsers of the commands of ``hilum spool``."""

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
WHICH_ENTRIES = "only parked ones, unless --state or IDs are given"


def add_spool(menu: Any, command: AddCommand) -> None:
    """Add ``spool`` and its commands to *menu*; *command* is the function that adds one command."""
    text = "show and manage messages that wait for delivery or are parked"
    kinds = menu.add_parser("spool", help=text, description=text).add_subparsers(required=True, metavar="ACTION")

    def add(name: str, run: Run, help_text: str) -> ArgumentParser:
        parser = command(kinds, name, run, help_text)
        parser.add_argument("config", type=Path, metavar="CONFIG")
        return parser

    add("status", commands.status, "print the number of entries by destination and state, and by reason")
    _add_list(
        add("list", commands.list_entries, "list entries: parked ones first, then waiting ones; the oldest first")
    )
    _add_show(add("show", commands.show, "print one entry's record, or its payload"))
    _add_decision(add("retry", decisions.retry, f"deliver entries again now: {WHICH_ENTRIES}"))
    _add_discard(add("discard", decisions.discard, f"discard entries for good: {WHICH_ENTRIES}"))
    _add_move(add("move", decisions.move, "move waiting and parked entries of a destination to another one"))
    _add_export(add("export", exporting.export, "write payloads to new files: of one entry, or of a selection"))
    add("verify", care.verify, "read every spool completely and report damage")
    repair = add("repair", care.repair, "save the undamaged messages of damaged spools into new spools")
    repair.add_argument(
        "names", nargs="*", metavar="SPOOL", help="by default those that the gateway set aside as damaged"
    )
    add("accept", care.accept, "accept as genuine what was committed before the key was set; stop the gateway first")
    backup = add("backup", care.backup, "copy every spool to a new folder; the gateway may run")
    backup.add_argument("folder", type=Path, metavar="DIR")


def _add_list(parser: ArgumentParser) -> None:
    parser.add_argument("--destination", metavar="NAME")
    _add_narrower_filters(parser, "--reason")
    parser.add_argument("--newest", action="store_true", help="the newest first, in any state")
    parser.add_argument("--limit", metavar="N", help="most entries in one page (default 100)")
    parser.add_argument("--after", metavar="PLACE", help="continue after this entry, or after the previous page")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")


def _add_show(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID")
    parser.add_argument("--payload", action="store_true", help="print only the payload, as received")
    parser.add_argument(
        "--after-steps",
        action="store_true",
        help="with --payload: as it would be sent now, after the steps of its route",
    )


def _add_decision(parser: ArgumentParser) -> None:
    _add_filters(parser)
    parser.add_argument("--all", action="store_true", help="every parked entry; with --destination or --reason-like")
    parser.add_argument("--dry-run", action="store_true", help="show the selected entries, and change nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    parser.add_argument("ids", nargs="*", metavar="ID", help="entries, right after CONFIG")


def _add_discard(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--reason", required=True, metavar="TEXT", help="the reason; it is stored, so do not name a patient"
    )
    _add_decision(parser)


def _add_move(parser: ArgumentParser) -> None:
    parser.add_argument("--from", metavar="NAME", help="the present destination; it need not be configured any more")
    parser.add_argument("--to", metavar="NAME", help="the new destination; parked entries stay parked")
    _add_narrower_filters(parser)
    parser.add_argument("ids", nargs="*", metavar="ID", help="entries, right after CONFIG; by default all")


def _add_export(parser: ArgumentParser) -> None:
    _add_filters(parser)
    parser.add_argument(
        "--into", type=Path, metavar="DIR", help="write each payload of the selection to a file in this folder"
    )
    parser.add_argument("--all", action="store_true", help="with --into: all waiting and parked entries")
    words = "right after CONFIG: ID FILE; or with --into the IDs of entries"
    parser.add_argument("ids", nargs="*", metavar="ID", help=words)


def _add_filters(parser: ArgumentParser) -> None:
    parser.add_argument("--destination", metavar="NAME")
    _add_narrower_filters(parser)


def _add_narrower_filters(parser: ArgumentParser, *reason_too: str) -> None:
    parser.add_argument("--state", metavar="STATE", help="waiting, parked, delivered or discarded")
    parser.add_argument("--listener", metavar="NAME")
    parser.add_argument("--older-than", metavar="AGE", help="received longer ago than AGE, such as 90s, 15m, 2h or 7d")
    parser.add_argument("--reason-like", *reason_too, metavar="TEXT", help="entries with this text in their reason")
    parser.add_argument("--control-id", metavar="ID", help="entries of this HL7 message: MSH-10, exact match")
    parser.add_argument("--sop-instance-uid", metavar="UID", help="entries of this DICOM instance")
