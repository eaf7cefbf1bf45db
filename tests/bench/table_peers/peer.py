"""Runs in the environment of the peers, and answers each line on standard input with a line of JSON.

``peer.py idc`` has loaded idc-index when it says so; each line is a query. ``peer.py pydicom`` takes names of folders:
each file in one becomes a row of a frame, which is written as Parquet beside the folder.
"""

import json
import logging
import resource
import sys
import time
import warnings
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any


def idc() -> Callable[[str], dict[str, float]]:
    """Return what asks IDC's index by its own client."""
    from idc_index import IDCClient  # noqa: PLC0415  each peer is imported alone

    client = IDCClient()

    def ask(sql: str) -> dict[str, float]:
        wall, work = time.perf_counter(), time.process_time()
        rows = len(client.sql_query(sql))
        return {
            "ms": 1000 * (time.perf_counter() - wall),
            "CPU ms": 1000 * (time.process_time() - work),
            "rows": rows,
            "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }

    return ask


def pydicom() -> Callable[[str], dict[str, float]]:
    """Return what makes a table with pydicom and pandas; an object in a bucket is fetched as a whole."""
    import pandas as pd  # noqa: PLC0415  each peer is imported alone
    from pydicom import dcmread  # noqa: PLC0415  likewise

    def make(folder: str) -> dict[str, float]:
        work, rows, octets = time.process_time(), [], 0
        for path in sorted(Path(folder).iterdir()):
            whole = path.read_bytes()
            octets += len(whole)
            data_set = dcmread(BytesIO(whole), stop_before_pixels=True)
            rows.append({"SOPInstanceUID": str(data_set.SOPInstanceUID), "Metadata": data_set.to_json()})
        pd.DataFrame(rows).to_parquet(f"{folder}.parquet")
        return {"CPU s": time.process_time() - work, "octets": octets, "requests": len(rows), "rows": len(rows)}

    return make


def main() -> None:
    """Run from the command line."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    peers: dict[str, Any] = {"idc": idc, "pydicom": pydicom}
    answer = peers[sys.argv[1]]()
    print(json.dumps({}), flush=True)  # noqa: T201  it is ready
    for line in sys.stdin:
        print(json.dumps(answer(line.rstrip("\n"))), flush=True)  # noqa: T201  it is the answer


if __name__ == "__main__":
    main()
