"""The parsers of ``hilum import`` and ``hilum export``."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.cli.later import LaterModule, Run
from gateway.cli.send_options import at_least_one, seconds

importing = LaterModule("gateway.cli.importing.command")
exporting = LaterModule("gateway.cli.exporting.command")
AddCommand = Callable[[Any, str, Run, str], ArgumentParser]
PLACE = (
    "a bucket of the configuration with a path in it (north/2024/**.dcm), its address (gs://south/2024/), or a folder"
)
STRUCTURES = ("BUNDLE", "RESOURCE", "BUNDLE_PRETTY", "RESOURCE_PRETTY")


def add_moving(menu: Any, command: AddCommand) -> None:
    """Add both commands to *menu*; *command* is the function that adds one command."""
    text = "import objects of a bucket, or files of a folder, into a store: DICOM, HL7v2, FHIR, also gzipped and zipped"
    there = command(menu, "import", importing.import_objects, text)
    there.add_argument("config", type=Path, metavar="CONFIG")
    there.add_argument("source", metavar="SOURCE", help=PLACE)
    there.add_argument("destination", metavar="DESTINATION", help="its name in the configuration")
    there.add_argument(
        "--on-conflict",
        choices=["skip", "overwrite", "refuse"],
        default="skip",
        help="an instance that the store has with another content: leave that (default), replace it, or report it",
    )
    there.add_argument("--again", action="store_true", help="send again what was refused before, too")
    _add_common(there, "how to read FHIR in JSON (default: as the file looks)", None)
    text = "export a store (DICOMweb, FHIR, HL7v2) to a bucket or folder"
    back = command(menu, "export", exporting.export_store, text)
    back.add_argument("config", type=Path, metavar="CONFIG")
    back.add_argument("source", metavar="SOURCE", help="a destination of the configuration: the store to read")
    back.add_argument("bucket", metavar="BUCKET", help=PLACE.replace("/**.dcm", ""))
    back.add_argument(
        "--on-conflict",
        choices=["skip", "overwrite", "refuse"],
        default="skip",
        help="an object that is there already: leave it (default, instances only), replace it, or report it",
    )
    _add_common(back, "how to write FHIR (default RESOURCE: a resource on each line)", "RESOURCE")


def _add_common(there: ArgumentParser, structure: str, default: str | None) -> None:
    there.add_argument("--content-structure", choices=STRUCTURES, default=default, help=structure)
    there.add_argument(
        "--concurrency", type=at_least_one, metavar="N", help="messages at a time (default: as configured)"
    )
    there.add_argument(
        "--patience",
        type=seconds,
        default=300.0,
        metavar="SECONDS",
        help="how long to try again while bucket or store takes nothing (default 300)",
    )
    there.add_argument("--json", action="store_true", help="print one JSON object for each line of the report")
