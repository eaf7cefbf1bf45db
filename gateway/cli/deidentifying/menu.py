"""The parsers of ``hilum deidentify`` and ``hilum reidentify``."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.cli.later import LaterModule, Run
from gateway.cli.send_options import at_least_one

files = LaterModule("gateway.cli.deidentifying.command")
back = LaterModule("gateway.cli.reidentifying")
AddCommand = Callable[[Any, str, Run, str], ArgumentParser]


def add_deidentifying(menu: Any, command: AddCommand) -> None:
    """Add both commands to *menu*; *command* is the function that adds one command."""
    text = "de-identify files (DICOM, HL7v2, FHIR in JSON and NDJSON) or a store, with a step of the configuration"
    there = command(menu, "deidentify", files.deidentify, text)
    there.add_argument("config", type=Path, metavar="CONFIG")
    there.add_argument("--step", required=True, metavar="NAME", help="the step, of kind deidentify")
    there.add_argument("source", metavar="IN", help="a file, or a folder with all in it")
    there.add_argument("out", metavar="OUT", help="a folder; a run that was ended goes on in it")
    words = "IN and OUT are destinations of the configuration (dicomweb, fhir_store): all that IN holds is read"
    there.add_argument("--stores", action="store_true", help=words)
    there.add_argument("--processes", type=at_least_one, metavar="N", help="how many work (default: one for each core)")
    there.add_argument("--json", action="store_true", help="print the report as one JSON object")
    there.add_argument(
        "--names",
        type=Path,
        metavar="FILE",
        help="write which number, input and output belong together; keep it as the patients' data",
    )
    text = "print what pseudonyms stand for, by the crosswalk of a step; the audit trail tells who asked, and why"
    again = command(menu, "reidentify", back.reidentify, text)
    again.add_argument("config", type=Path, metavar="CONFIG")
    again.add_argument("--step", required=True, metavar="NAME", help="the step that made the pseudonyms")
    again.add_argument(
        "--reason", required=True, metavar="TEXT", help="the reason; it is in the audit trail, so do not name a patient"
    )
    again.add_argument("--json", action="store_true", help="one JSON object per line")
    again.add_argument("pseudonyms", nargs="+", metavar="PSEUDONYM", help="a patient number, a UID, another number")
