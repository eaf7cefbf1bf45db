"""Carries out one attack, again and again for a while.

``python -m tests.hostile.attacker NAME HL7-PORT DICOM-PORT FHIR-PORT SECONDS``
"""

import asyncio
import os
import sys
import time

from tests.hostile.attacks import ATTACKS
from tests.hostile.ward import Ports

LOWEST_PRIORITY = 19
"""The machine has to do the attackers' work too: the one that is measured goes first."""
MOST_TIMES = 1000


async def attack(name: str, ports: Ports, seconds: float) -> None:
    """Begin the attack anew until the time is over; one that has begun goes on to its end."""
    begin = time.monotonic()
    for _ in range(MOST_TIMES):
        await ATTACKS[name](ports)
        if time.monotonic() - begin > seconds:
            return


if __name__ == "__main__":
    os.nice(LOWEST_PRIORITY)
    _, attack_name, *numbers, duration = sys.argv
    asyncio.run(attack(attack_name, Ports(*map(int, numbers)), float(duration)))
