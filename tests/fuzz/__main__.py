"""Fuzz every target for a while: ``python -m tests.fuzz --seconds 600 [--jobs 2] [TARGET...]``.

Each begins with the inputs in corpus/; what it finds stays in build/fuzz/TARGET, for the next run to go on from. What
breaks an invariant is kept in build/fuzz/failures: it belongs into corpus/, where ``make test`` replays it, together
with the mend.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.targets import CORPUS, NAMES

BUILD = Path("build/fuzz")
EXECUTIONS = re.compile(r"stat::number_of_executed_units: *(\d+)")
COVERAGE = re.compile(r"cov: (\d+)")
LIMITS = ("-max_len=4096", "-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1")


@dataclass(frozen=True, slots=True)
class Run:
    """What one target's run gave."""

    name: str
    status: int
    executions: int
    coverage: int
    output: str


def fuzz(name: str, seconds: int) -> Run:
    """Fuzz the target *name* for so long."""
    found, failures = BUILD / name, BUILD / "failures"
    for folder in (found, failures):
        folder.mkdir(parents=True, exist_ok=True)
    seed = ("-seed=1",) if os.environ.get("CI") else ()  # the mutations of a change's runs are the same
    options = (*LIMITS, *seed, f"-max_total_time={seconds}", f"-artifact_prefix={failures}/{name}-")
    command = [sys.executable, "-m", "tests.fuzz.guided", name, str(found), str(CORPUS / name), *options]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    executions, coverage = EXECUTIONS.findall(done.stderr), COVERAGE.findall(done.stderr)
    return Run(
        name, done.returncode, int((executions or [0])[-1]), int((coverage or [0])[-1]), done.stdout + done.stderr
    )


def report(run: Run) -> None:
    """Print a line."""
    verdict = "ok" if run.status == 0 else f"FAILED ({run.status})"
    sys.stdout.write(f"{run.name:18} {run.executions:>12,} executions  {run.coverage:>6} edges  {verdict}\n")
    sys.stdout.flush()


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*NAMES, []], metavar="TARGET")
    parser.add_argument("--seconds", type=int, default=600, help="for each target")
    parser.add_argument("--jobs", type=int, default=1, help="targets at once")
    options = parser.parse_args()
    begin, failed = time.monotonic(), list[Run]()
    with ThreadPoolExecutor(options.jobs) as pool:
        for run in pool.map(lambda name: fuzz(name, options.seconds), options.targets or NAMES):
            report(run)
            if run.status:
                failed.append(run)
    for run in failed:  # last, so that the end of a long log shows them
        sys.stdout.write("\n".join([f"{run.name} said at its end:", *run.output.splitlines()[-40:]]) + "\n")
    names = "".join(f" {run.name}" for run in failed)
    sys.stdout.write(f"{len(failed)} targets failed{names and ':'}{names}, {time.monotonic() - begin:.0f} s\n")
    return min(len(failed), 1)


if __name__ == "__main__":
    sys.exit(main())
