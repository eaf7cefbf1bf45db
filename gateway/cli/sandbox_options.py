"""The options of ``hilum sandbox``."""

import argparse
from pathlib import Path

from gateway.cli.ports import port

OWNER = "owner"
"""Who may do everything where policies are enforced and no other owner is named."""


def add_options(sandbox: argparse.ArgumentParser) -> None:
    """Add the options."""
    sandbox.add_argument("--port", type=port, default=8090, metavar="N", help="TCP port (default 8090)")
    sandbox.add_argument("--data", type=Path, default=Path("hilum-sandbox"), metavar="DIR", help="folder of the stores")
    sandbox.add_argument(
        "--bucket",
        action="append",
        default=[],
        metavar="NAME=FOLDER",
        help="serve this folder as the bucket gs://NAME, also of Cloud Storage and S3; may be repeated",
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
