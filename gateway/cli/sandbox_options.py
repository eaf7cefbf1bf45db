"""The options of ``hilum sandbox``."""

import argparse
import re
from collections.abc import Iterable
from pathlib import Path

from gateway.cli.ports import port
from gateway.contract.errors import ConfigError

BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")
OWNER = "owner"
"""Who may do everything where policies are enforced and no other owner is named."""


def add_options(sandbox: argparse.ArgumentParser) -> None:
    """Add the options."""
    sandbox.add_argument("--port", type=port, default=8090, metavar="N", help="TCP port (default 8090)")
    sandbox.add_argument("--data", type=Path, default=Path("hilum-sandbox"), metavar="DIR", help="folder of the stores")
    sandbox.add_argument(
        "--bucket",
        type=bucket,
        action="append",
        default=[],
        metavar="NAME=FOLDER",
        help="gs://NAME/ is this folder, for imports and exports; may be given several times",
    )
    sandbox.add_argument(
        "--strict", action="store_true", help="datasets and stores exist only where somebody created them"
    )
    sandbox.add_argument(
        "--enforce-iam",
        nargs="?",
        const=OWNER,
        metavar="OWNER",
        help="a request needs a role: its bearer token is the name of who asks; OWNER may do everything"
        f" (default: {OWNER})",
    )
    sandbox.add_argument(
        "--fhir-index-delay",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="until a write to a FHIR store is found by a search other than by identifier (default 0)",
    )
    sandbox.add_argument(
        "--fhir-quota", type=int, default=0, metavar="N", help="requests to FHIR stores per minute (default: no limit)"
    )


def bucket(text: str) -> tuple[str, Path]:
    """Return name and folder of ``NAME=FOLDER``."""
    name, _, folder = text.partition("=")
    if not BUCKET.fullmatch(name) or not folder:
        raise argparse.ArgumentTypeError("needs the form NAME=FOLDER, with a name of small letters, digits, - _ and .")
    return name, Path(folder)


def check_buckets(buckets: Iterable[tuple[str, Path]]) -> dict[str, Path]:
    """Return the folders by the names of the buckets; raises ConfigError for one that does not exist."""
    for name, folder in buckets:
        if not folder.is_dir():
            raise ConfigError(f"sandbox: --bucket {name}: {folder} is no folder; create it first")
    return dict(buckets)
