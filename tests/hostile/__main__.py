"""How much longer well-behaved peers wait while others attack: ``python -m tests.hostile [--seconds N] [ATTACK...]``.

The gateway, its store, the attackers and the well-behaved peers are processes of their own. The attackers, the hostile
servers and those who send to them have the lowest priority: they would be on other machines, and what is measured is
not how one machine divides its processors. Each row has the 99th percentile of the answer time without and with the
attack, one after the other on the same gateway. ``store-...`` is a hostile store, ``receiver-...`` a hostile receiver
over MLLP, to which others send, and ``pubsub-...`` a hostile Pub/Sub, from which a listener pulls. They may not take
more than 64 MiB of memory either. There "held" is the longest processor time between two turns of the gateway's event
loop, without and with the attack: its own part of what peers wait.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.hostile.attacks import ATTACKS
from tests.hostile.behind import HOSTILE
from tests.hostile.regulars import Regulars, at_work, p99
from tests.hostile.ward import MIB, Ward, ward
from tests.hostile.watched import Held

TARGET = 3
"""Times the quiet p99 that is promised."""
MOST_MORE = 64 * MIB
"""What hostile servers may take of the gateway's memory."""
WATCHED = "tests.hostile.watched"


async def measure_behind(name: str, seconds: float) -> bool:
    """Print the row of one hostile server; return whether all protocols and the memory kept within the target."""
    with tempfile.TemporaryDirectory() as folder:
        held = Held(Path(folder) / "hilum.yaml")
        async with (
            HOSTILE[name](Path(folder)) as behind,
            ward(Path(folder), add=behind.add, module=WATCHED) as gateway,
        ):
            async with at_work(gateway.ports):
                await asyncio.sleep(0.5)  # to warm up
            held.seconds = 0
            async with at_work(gateway.ports) as quiet:
                await asyncio.sleep(seconds)
            quietly_held, held.seconds = held.seconds, 0
            before = gateway.usage.peak()
            async with at_work(gateway.ports) as disturbed:
                await behind.send(gateway.listeners, seconds)
            ratios = _ratios(quiet, disturbed)
            more = gateway.usage.peak() - before
            too_much = more > MOST_MORE
            note = f"+{more // MIB} MiB   held {quietly_held * 1000:.1f} -> {held.seconds * 1000:.1f} ms   "
            _print(name, quiet, disturbed, ratios, gateway, int(too_much), note)
            return max(ratios) <= TARGET and not too_much


async def measure(name: str, seconds: float) -> bool:
    """Print the row of one attack; return whether all protocols kept within the target."""
    with tempfile.TemporaryDirectory() as folder:
        async with ward(Path(folder)) as gateway:
            async with at_work(gateway.ports):
                await asyncio.sleep(0.5)  # to warm up
            async with at_work(gateway.ports) as quiet:
                await asyncio.sleep(seconds)
            async with at_work(gateway.ports) as disturbed:
                status = await _attack(name, gateway, seconds)
            ratios = _ratios(quiet, disturbed)
            _print(name, quiet, disturbed, ratios, gateway, status)
            return max(ratios) <= TARGET and status == 0


async def _attack(name: str, gateway: Ward, seconds: float) -> int:
    command = (sys.executable, "-m", "tests.hostile.attacker", name)
    arguments = (gateway.ports.hl7, gateway.ports.dicom, gateway.ports.fhir, seconds)
    process = await asyncio.create_subprocess_exec(*command, *map(str, arguments))
    return await process.wait()


def _ratios(quiet: Regulars, disturbed: Regulars) -> list[float]:
    return [p99(disturbed.seconds[name]) / p99(seconds) for name, seconds in quiet.seconds.items()]


def _print(
    name: str, quiet: Regulars, disturbed: Regulars, ratios: Sequence[float], gateway: Ward, status: int, note: str = ""
) -> None:
    times = "   ".join(
        f"{name} {p99(seconds) * 1000:6.1f} -> {p99(disturbed.seconds[name]) * 1000:7.1f} ms {ratio:6.1f}x"
        for (name, seconds), ratio in zip(quiet.seconds.items(), ratios, strict=True)
    )
    verdict = "ok" if max(ratios) <= TARGET and not status else "MISSED"
    sys.stdout.write(f"{name:28} {times}   peak {gateway.usage.peak() // MIB:4} MiB   {note}{verdict}\n")
    sys.stdout.flush()


async def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("attacks", nargs="*", metavar="ATTACK", choices=[*ATTACKS, *HOSTILE, []])
    parser.add_argument("--seconds", type=float, default=3.0, help="of each half of a row")
    options = parser.parse_args()
    kept = [
        await (measure_behind if name in HOSTILE else measure)(name, options.seconds)
        for name in options.attacks or [*ATTACKS, *HOSTILE]
    ]
    sys.stdout.write(
        f"{sum(kept)} of {len(kept)} attacks kept the 99th percentile within {TARGET} times the quiet one\n"
    )
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
