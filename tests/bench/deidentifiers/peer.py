"""Runs in the environment of the peers: ``peer.py NAME`` reads paths, one a line, and tells the seconds of each file.

The answer is one JSON object: processor seconds by path, of the files that the peer can do; the best of three runs. A
file is read from memory and written into memory, so that no disk counts.
"""

import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset

RUNS = 3


def dicognito() -> Callable[[Dataset], Dataset]:
    """Return dicognito, with a seed."""
    from dicognito.anonymizer import Anonymizer  # noqa: PLC0415  each peer is imported alone

    anonymizer = Anonymizer(seed="bench")

    def run(data_set: Dataset) -> Dataset:
        anonymizer.anonymize(data_set)
        return data_set

    return run


def deid() -> Callable[[Dataset], Dataset]:
    """Return deid with its own recipe."""
    from deid.config import DeidRecipe  # noqa: PLC0415  each peer is imported alone
    from deid.dicom import replace_identifiers  # noqa: PLC0415  each peer is imported alone

    recipe = DeidRecipe()

    def run(data_set: Dataset) -> Dataset:
        results: list[Dataset] = replace_identifiers(dicom_files=[data_set], deid=recipe, save=False)
        return results[0]

    return run


def dicom_anonymizer() -> Callable[[Dataset], Dataset]:
    """Return dicom-anonymizer with the basic profile."""
    from dicomanonymizer.simpledicomanonymizer import anonymize_dataset  # noqa: PLC0415  each peer is imported alone

    def run(data_set: Dataset) -> Dataset:
        anonymize_dataset(data_set)
        return data_set

    return run


PEERS = {"dicognito": dicognito, "deid": deid, "dicom-anonymizer": dicom_anonymizer}


def main() -> None:
    """Measure the peer that the command line names."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    answer, sys.stdout = sys.stdout, sys.stderr  # some peers print
    run, seconds = PEERS[sys.argv[1]](), {}
    for path in sys.stdin.read().splitlines():
        octets = Path(path).read_bytes()
        try:
            seconds[path] = min(_measured(run, octets) for _ in range(RUNS))
        except Exception:  # noqa: BLE001  a file that this peer cannot do
            continue
    json.dump(seconds, answer)


def _measured(run: Callable[[Dataset], Dataset], octets: bytes) -> float:
    began = time.process_time()
    result = run(pydicom.dcmread(BytesIO(octets)))
    result.save_as(BytesIO())
    return time.process_time() - began


if __name__ == "__main__":
    main()
