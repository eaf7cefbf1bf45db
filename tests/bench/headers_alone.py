"""Measures Hilum's own de-identification of headers, in a process of its own as each peer is: ``headers_alone.py``.

Takes paths on standard input, prints a JSON object of the processor seconds of each file that is not held back.
"""

import argparse
import json
import logging
import sys
import time
import warnings
from pathlib import Path

from adapters.deidentify.dicom.file import FileDeidentifier
from adapters.deidentify.dicom.transform import DicomTransformer
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.own import said
from adapters.deidentify.pseudonyms.key import Key
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms
from adapters.deidentify.settings import DicomProfile
from adapters.dicom.encoding import Malformed
from gateway.process.memory import freeze_what_stays
from tests.adapters.deidentify.judge.engine import EveryIssuer

RUNS = 3


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", action="store_true", help="what texts say is remembered from file to file")
    is_series: bool = parser.parse_args().series
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    profile = DicomProfile.model_validate({"pixels": "keep"})
    transformer = DicomTransformer(profile, KeyedPseudonyms(Key(bytes(32))), EveryIssuer())
    freeze_what_stays()  # as the gateway does when it has started
    seconds = {}
    for path in sys.stdin.read().splitlines():
        octets = Path(path).read_bytes()
        try:
            seconds[path] = min(_measured(transformer, octets, is_series=is_series) for _ in range(RUNS))
        except (HeldBackError, Malformed):
            continue
    json.dump(seconds, sys.stdout)


def _measured(transformer: DicomTransformer, octets: bytes, *, is_series: bool) -> float:
    if not is_series:
        said._remembered.clear()
    began = time.process_time()
    engine = FileDeidentifier(transformer, Manifest("", "key"))
    b"".join([*engine.receive_data(octets), *engine.receive_end()])
    return time.process_time() - began


if __name__ == "__main__":
    main()
