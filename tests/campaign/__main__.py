"""Kills, flapping stores, and everything still arrives: ``python -m tests.campaign [--minutes N] [--workers N] ...``.

Exit status 1 on any fault. The folder of a run that failed is kept: ``history.jsonl`` (what was sent, answered, kept),
``gateway.log``, ``report.txt``, the configuration and the spools.
"""

import argparse
import asyncio
import random
import shutil
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from tests.campaign.conductor import run_campaign
from tests.campaign.history import History
from tests.campaign.judge import Verdict, judge
from tests.campaign.plan import Plan
from tests.campaign.report import report

BUILD = Path("build/campaign")


def campaign(plan: Plan, folder: Path) -> tuple[Verdict, str]:
    """Run the campaign in *folder*; return the verdict and the report."""
    with (folder / "history.jsonl").open("w", buffering=1 << 16) as log:
        begin = time.monotonic()
        history = History(log, lambda: time.monotonic() - begin)
        history.note("begin", wall=time.strftime("%Y-%m-%dT%H:%M:%S"), plan=asdict(plan))
        scene, lag = asyncio.run(run_campaign(plan, folder, history, _say))
    verdict = judge(history, plan.workers, strict=plan.strict)
    moods = sum((Counter(store.moods) for store in scene.stores), Counter[str]())
    text = report(plan, history, verdict, moods, lag.worst)
    (folder / "report.txt").write_text(text + "\n")
    return verdict, text


def _say(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of storm; the calm after it takes what it takes")
    parser.add_argument("--seed", type=int, default=0, help="by default a new one")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument(
        "--strict", action="store_true", help="order has to hold across deaths with several workers too"
    )
    options = parser.parse_args()
    seed = options.seed or random.SystemRandom().randrange(1, 1 << 32)
    plan = Plan(seed, options.minutes * 60, options.workers, options.strict)
    folder = BUILD / f"{time.strftime('%Y%m%d-%H%M%S')}-{seed}-{plan.workers}"
    folder.mkdir(parents=True)
    _say(f"seed {seed}, {options.minutes:g} minutes, workers: {plan.workers}, in {folder}")
    verdict, text = campaign(plan, folder.absolute())
    sys.stdout.write(text + "\n")
    if verdict.findings:
        sys.stdout.write(f"\nkept in {folder}\n")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
