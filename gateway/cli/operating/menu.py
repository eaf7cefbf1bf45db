"""The parsers of the commands for the person on call: ``status``, ``top`` and ``explain``."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.cli.later import LaterModule, Run
from gateway.cli.send_options import seconds

statuses = LaterModule("gateway.cli.operating.status")
tops = LaterModule("gateway.cli.operating.top")
explanations = LaterModule("gateway.cli.operating.explain")
AddCommand = Callable[[Any, str, Run, str], ArgumentParser]


def add_operating(menu: Any, command: AddCommand) -> None:
    """Add the commands to *menu*; *command* is the function that adds one command."""

    def add(name: str, run: Run, help_text: str) -> ArgumentParser:
        parser = command(menu, name, run, help_text)
        parser.add_argument("config", type=Path, metavar="CONFIG")
        _add_access(parser)
        return parser

    status = add("status", statuses.status, "print what needs somebody now: since when, whose side, why, what to do")
    _add_json(status)
    top = add("top", tops.top, "show the status in the whole terminal, again every few seconds")
    top.add_argument(
        "--seconds", type=seconds, default=2.0, metavar="N", help="seconds between two looks at the gateway (default 2)"
    )
    explain = add("explain", explanations.explain, "tell what happened to a peer, a message or a destination")
    _add_subject(explain)
    _add_json(explain)


def _add_subject(parser: ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--peer", metavar="NAME", help="AE title, MSH-3|MSH-4, or IP address: its last associations")
    what.add_argument("--message", metavar="ID", help="control ID, SOP Instance UID, or ID of Hilum: its life")
    what.add_argument("--destination", metavar="NAME", help="why it fails, how fast it is, what waits, what it refused")


def _add_json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print what the admin port answers, for programs")


def _add_access(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--token-file", type=Path, metavar="FILE", help="the token of the admin port (default: as configured)"
    )
    parser.add_argument(
        "--ca-file", type=Path, metavar="FILE", help="the CA of its certificate; a loopback address needs none"
    )
    parser.add_argument("--certificate-file", type=Path, metavar="FILE", help="our certificate, if it demands one")
    parser.add_argument("--key-file", type=Path, metavar="FILE", help="the key of that certificate")
