"""The parser of ``hilum pipeline``."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.cli.later import LaterModule, Run

command_of = LaterModule("gateway.cli.pipelining.command")
AddCommand = Callable[[Any, str, Run, str], ArgumentParser]
ACTIONS = ("run", "status", "report", "retry", "forget")
DRIVERS = ("local", "beam")


def add_pipelining(menu: Any, command: AddCommand) -> None:
    """Add the command to *menu*; *command* is the function that adds one command."""
    text = "make a searchable dataset that names nobody of hospitals' images and reports"
    pipeline = command(menu, "pipeline", command_of.pipeline, text)
    pipeline.add_argument("config", type=Path, metavar="CONFIG")
    pipeline.add_argument(
        "action",
        choices=ACTIONS,
        metavar="ACTION",
        help="run: do what is to be done; status: how far it is; report: what gave no row, and what the gate held back;"
        " retry: run again what gave no row; forget: remove a patient or study from everything, on both sides",
    )
    pipeline.add_argument(
        "what", nargs="*", metavar="HOSPITAL UID", help="with forget: a UID, or the number of a patient"
    )
    pipeline.add_argument(
        "--watch",
        action="store_true",
        help="with run: look again every watch_seconds, and when a bucket tells of a change, until SIGTERM",
    )
    pipeline.add_argument(
        "--driver", choices=DRIVERS, default="local", help="with run and retry: processes of this machine, or Beam"
    )
    pipeline.add_argument("--json", action="store_true", help="print JSON")
