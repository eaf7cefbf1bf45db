"""``hilum status``: what needs somebody now, and what to do about it."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterable
from typing import cast

from gateway.cli.operating.asking import ask
from gateway.cli.operating.lines import width_of_output
from gateway.cli.operating.paint import Paint, colours_wanted, fitting
from gateway.cli.operating.place import AdminPort, NotAnswered, admin_port_of
from gateway.cli.operating.status_text import View, status_lines
from gateway.contract.observed import Status

PATH = "/api/v1/status"
AS_USUAL, NEEDED = 0, 1
"""Exit statuses; NEEDED also where the gateway does not answer, because that needs somebody as well."""


def status(options: Namespace) -> int:
    """Print what needs somebody; return whether anything does."""
    try:
        found = status_of(admin_port_of(options))
    except NotAnswered as error:
        return tell(error)
    if options.json:
        print_lines([json.dumps(found, indent=2)])
    else:
        view = View(width_of_output(), str(options.config), Paint(colours=colours_wanted(sys.stdout)))
        print_lines(map(fitting, status_lines(found, view)))
    return NEEDED if found["needs_somebody"] else AS_USUAL


def status_of(port: AdminPort) -> Status:
    """Ask for the status; raises NotAnswered, also if what answers is not a status."""
    found = ask(port, PATH)
    if not Status.__required_keys__ <= found.keys():
        raise NotAnswered(f"{port.where} does not answer with a status: is it another version of Hilum? Restart it")
    return cast("Status", found)


def tell(error: NotAnswered) -> int:
    """Print why the gateway does not answer; return the exit status."""
    print(f"hilum: {error}", file=sys.stderr)  # noqa: T201  the command line speaks to a person
    return NEEDED


def print_lines(lines: Iterable[str]) -> None:
    """Print the result of a command."""
    for line in lines:
        print(line)  # noqa: T201  it is the command's result
