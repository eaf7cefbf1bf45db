"""``hilum top``: the status, drawn again every few seconds, until somebody presses q or Ctrl-C."""

import shutil
import sys
import time
from argparse import Namespace
from collections.abc import Iterator

from gateway.cli.operating.cutting import cut
from gateway.cli.operating.full_screen import Ended, draw, full_screen, key_within
from gateway.cli.operating.instants import clock, local, zone
from gateway.cli.operating.lines import NARROWEST, WIDEST, wrapped
from gateway.cli.operating.paint import Paint, colours_wanted, fitting
from gateway.cli.operating.place import AdminPort, NotAnswered, admin_port_of
from gateway.cli.operating.status import status_of, tell
from gateway.cli.operating.status_text import View, status_lines
from gateway.contract.observed import Status

QUIT = ("q", "Q", "\x1b", "\x04")
MISTAKEN = 2
NO_TERMINAL = "hilum: top needs a terminal for input and output; `hilum status {config}` prints the same once"


def top(options: Namespace) -> int:
    """Show the status until somebody ends it; return 0 then, and 1 if the gateway does not answer at the start."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print(NO_TERMINAL.format(config=options.config), file=sys.stderr)  # noqa: T201  to a person
        return MISTAKEN
    try:
        port = admin_port_of(options)
        found = status_of(port)
    except NotAnswered as error:
        return tell(error)
    try:
        with full_screen():
            _show(port, found, options)
    except (KeyboardInterrupt, Ended):
        pass  # that is how it ends
    return 0


def _show(port: AdminPort, found: Status, options: Namespace) -> None:
    failure, paint = "", Paint(colours=colours_wanted(sys.stdout))
    while True:
        size = shutil.get_terminal_size()
        view = View(min(WIDEST, max(NARROWEST, size.columns - 1)), str(options.config), paint)
        lines = [*_failed(failure, found, view), *status_lines(found, view)]
        foot = f"every {options.seconds:g} s; q ends; {local(time.time()):%H:%M:%S} {zone(time.time())}"
        draw([*_fit(lines, size.lines - 1, size.columns), paint(cut(foot, size.columns), "dim")])
        if key_within(options.seconds) in QUIT:
            return
        try:
            found, failure = status_of(port), ""
        except NotAnswered as error:
            failure = str(error)


def _failed(failure: str, found: Status, view: View) -> Iterator[str]:
    """Yield why there is nothing new, and how old the rest is."""
    if failure:
        since = f"NOT LIVE since {clock(found['at'], time.time(), seconds=True)}: {failure}"
        yield from (view.paint(line, "red", "bold") for line in wrapped(since, view.width))
        yield ""


def _fit(lines: list[str], height: int, width: int) -> Iterator[str]:
    """Yield exactly *height* lines, so that the last line of the screen stays where it is."""
    most = lines
    if len(lines) > height:
        more = f"… {len(lines) - height + 1} more lines: `hilum status` shows them"
        most = [*lines[: height - 1], more]
    for line in most[:height]:
        yield fitting(cut(line, width))
    yield from [""] * (height - len(most))
