"""Runs the stages of the pipeline over a bucket by one driver, in a process of its own; prints what that cost.

``pipeline_alone.py DRIVER FOLDER``. The first object is done before, and what the second one costs alone is taken off:
what is measured is neither the start of interpreters, of which Beam makes one for each run, nor the imports of decoders
or Beam.
"""

import json
import os
import shutil
import sys
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from adapters.pipeline.drivers.interface import Driver
from adapters.pipeline.drivers.local import LocalDriver
from adapters.pipeline.planning import plan_of, tasks
from adapters.pipeline.running import Summary, begun, look
from adapters.pipeline.work import Task, Work
from gateway.process.loop import run_loop
from tests.bench.pipeline_work import cost, work
from tests.bench.processes import Usage

LOCAL, BEAM = "local", "beam"


def opened(name: str, of: Work) -> AbstractAsyncContextManager[Driver]:
    """Open a driver."""
    if name == LOCAL:
        return LocalDriver(of)
    import apache_beam as beam  # noqa: PLC0415  only there
    from apache_beam.options.pipeline_options import PipelineOptions  # noqa: PLC0415  likewise

    from adapters.pipeline.drivers.beam import BeamDriver  # noqa: PLC0415  likewise

    return BeamDriver(of, lambda: beam.Pipeline(options=PipelineOptions(["--runner=DirectRunner"])))


async def measured(name: str, root: Path) -> dict[str, float]:
    """Return what all objects but the first have cost."""
    shutil.rmtree(root / name, ignore_errors=True)
    of = work(root, name)
    async with begun(of) as ledger:
        await look(of, ledger, Summary())
        missing: list[Task] = list(tasks(plan_of(of, ledger, "bench")))
        async with opened(name, of) as driver:
            passed = []
            for part in (missing[:1], missing[1:2], missing[2:]):
                cost(root)
                before = spent()
                await done(driver, part)
                passed.append(spent() - before)
    shutil.rmtree(root / name)
    each = (passed[2] - passed[1]) / (len(missing) - 3)
    return {**cost(root), "CPU s": each * (len(missing) - 2), "instances": len(missing) - 2}


def spent() -> float:
    """Return the processor seconds of this process and its descendants, also of those that have ended."""
    ended = os.times()
    return Usage(os.getpid()).cpu_seconds() + ended.children_user + ended.children_system


async def done(driver: Driver, of: list[Task]) -> None:
    """Work on tasks; raises RuntimeError if one of them gave no row."""
    async for each in driver.run(of):
        if set(each.states.values()) != {"made"}:
            raise RuntimeError("an instance gave no row")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run_loop(measured(sys.argv[1], Path(sys.argv[2])))))
