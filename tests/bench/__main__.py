"""``make bench``: measure the rows, each contender in turn, and report."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from tests.bench import report, table
from tests.bench.commit_rows import commit, distant
from tests.bench.deidentify_hl7v2_rows import deidentify_hl7v2
from tests.bench.deidentify_rows import deidentify
from tests.bench.dimse_rows import has_dcmtk, large, relay, small
from tests.bench.fhir_rows import fhir
from tests.bench.http_rows import relay as http_relay
from tests.bench.import_rows import imports
from tests.bench.journal_rows import journal
from tests.bench.machine import built, describe
from tests.bench.measure import Case, Measured, interleave
from tests.bench.memory_rows import memory
from tests.bench.mllp_out_rows import relay as mllp_out
from tests.bench.mllp_rows import relay as mllp_relay
from tests.bench.per_message_rows import per_message
from tests.bench.pipeline_rows import pipeline
from tests.bench.pixel_rows import pixels
from tests.bench.scaling_rows import scaling
from tests.bench.setup import Setup
from tests.bench.table_rows import tables
from tests.bench.thumbnail_rows import thumbnails

ROWS: dict[int, Callable[[Setup], AbstractContextManager[Sequence[Case]]]] = {
    1: small,
    2: large,
    3: relay,
    4: mllp_relay,
    5: commit,
    6: distant,
    7: memory,
    8: scaling,
    9: per_message,
    10: mllp_out,
    11: fhir,
    12: http_relay,
    13: journal,
    14: deidentify,
    15: deidentify_hl7v2,
    16: pixels,
    17: tables,
    18: imports,
    19: thumbnails,
    20: pipeline,
}
NEED_DCMTK = {1, 2, 3, 5, 6}


def say(text: str) -> None:
    """Print one line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def measure(row: int, setup: Setup, rounds: int) -> list[Measured]:
    """Measure all cases of *row*."""
    results = []
    with ROWS[row](setup) as cases:
        for case in cases:
            begin = time.perf_counter()
            results.append(interleave(case, rounds))
            say(f"row {row}: {case.name} ({time.perf_counter() - begin:.0f} s)")
    return results


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rows", default=",".join(map(str, ROWS)), metavar="1,4")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--scale", type=float, default=1.0, help="less than 1 only tries the bench itself")
    parser.add_argument("--old", type=Path, metavar="FOLDER", help="a checkout of another version, for row 9")
    options = parser.parse_args()
    wanted = [int(row) for row in options.rows.split(",")]
    setup, machine, results = Setup(options.scale, options.old), describe(), []
    for row in wanted:
        if row in NEED_DCMTK and not has_dcmtk():
            say(f"row {row}: skipped, DCMTK is not installed: make peers")
        else:
            results += measure(row, setup, options.rounds)
    say("\nInterpreter: " + built())
    say("\n" + table.markdown(results))
    full = options.scale == 1 and {each.case.row for each in results} == set(ROWS)
    report.write_json(machine, options.rounds, options.scale, results)
    report.write_chart(results, publish=full)
    if full:
        report.write_page(machine, options.rounds, results)


if __name__ == "__main__":
    main()
