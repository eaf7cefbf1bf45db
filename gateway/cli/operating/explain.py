"""``hilum explain``: what happened to a peer, a message or a destination."""

import json
import sys
from argparse import Namespace
from typing import cast

from gateway.cli.operating.asking import ask
from gateway.cli.operating.explanation_text import explanation_lines
from gateway.cli.operating.lines import width_of_output
from gateway.cli.operating.paint import Paint, colours_wanted, fitting
from gateway.cli.operating.place import AdminPort, NotAnswered, admin_port_of
from gateway.cli.operating.status import print_lines, tell
from gateway.contract.explained import Explanation

PATH = "/api/v1/explain"
KNOWN, NOT_KNOWN = 0, 1


def explain(options: Namespace) -> int:
    """Print what happened; return whether anything is known of it."""
    kinds = ("peer", "message", "destination")
    kind, name = next((each, found) for each in kinds if (found := getattr(options, each)) is not None)
    try:
        found = _explanation_of(admin_port_of(options), kind, name)
    except NotAnswered as error:
        return tell(error)
    if options.json:
        print_lines([json.dumps(found, indent=2)])
    else:
        paint = Paint(colours=colours_wanted(sys.stdout))
        lines = explanation_lines(found, width_of_output(), paint, str(options.config))
        print_lines(map(fitting, lines))
    return KNOWN if found["found"] else NOT_KNOWN


def _explanation_of(port: AdminPort, kind: str, name: str) -> Explanation:
    found = ask(port, PATH, **{kind: name})
    if not Explanation.__required_keys__ <= found.keys():
        raise NotAnswered(f"{port.where} does not answer with an explanation: is it another version of Hilum?")
    return cast("Explanation", found)
