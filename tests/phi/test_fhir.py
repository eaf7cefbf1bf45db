"""Nothing that identifies a patient leaves the process while messages become FHIR, but towards the stores.

A daemon converts messages full of canaries, in both modes, for stores that take, refuse and do not answer; some
messages the step refuses, and one kind of step has a bug whose exception quotes the name. Searched is all that the
daemon says: its log at debug, the metrics, the admin port's answers, and what ``hilum spool`` prints.
"""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.phi.canaries import CANARY, canary_adt
from tests.phi.daemon import Daemon
from tests.phi.finder import hl7_values, leaks
from tests.phi.test_phi import everything_said, send_block
from tests.processes import serving
from tests.toys import install

PACKAGE = '''
"""A destination for FHIR that does with a bundle what its settings say, and a step with a bug."""

from typing import Literal

from adapters.fhir.kind import variant
from gateway.contract.kind import DestinationKind
from gateway.contract.outcome import Refused, Stored, Unavailable
from gateway.contract.settings import DeliverySettings


class SinkSettings(DeliverySettings):
    """A sink."""

    kind: Literal["sink"]
    """Keeps nothing."""
    answer: Literal["stored", "refused", "away"]
    """What becomes of a bundle."""


class Sink:
    address = "sink"

    def __init__(self, name, settings, tools):
        self.name, self.answer = name, settings.answer

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        pass

    async def deliver(self, message):
        return {"stored": Stored(), "refused": Refused("it refuses"), "away": Unavailable("it is away")}[self.answer]

    async def probe(self):
        return None


def fail(raw, context, argument):
    raise ValueError(f"cannot read {raw}")


SINK = DestinationKind("sink", SinkSettings, frozenset({"fhir"}), Sink)
BROKEN = variant("broken_fhir", functions={"XPN": fail})
'''
ANSWERS = ("stored", "refused", "away")
MODES = ("relay", "commit")
MESSAGES = {
    "every field is a canary": canary_adt("F1"),
    "a merge": canary_adt("F2").replace(b"ADT^A01^ADT_A01", b"ADT^A40^ADT_A39") + f"MRG|{CANARY}MRG\r".encode(),
    "a result": canary_adt("F3").replace(b"ADT^A01^ADT_A01", b"ORU^R01^ORU_R01")
    + f"OBR|1|||{CANARY}OBR\rOBX|1|NM|{CANARY}OBX||{CANARY}VALUE\rNTE|1||{CANARY}NOTE\r".encode(),
    "no identifier": canary_adt("F4").replace(b"PID|", b"PIX|"),
    "a type that is not converted": canary_adt("F5").replace(b"ADT^A01^ADT_A01", f"ZZZ^{CANARY}EV".encode()),
    "octets of no character set": canary_adt("F6").replace(b"PID1A", b"\xff\xfe"),
    "lines that are no segments": canary_adt("F7") + f"{CANARY}LINE|{CANARY}\r{CANARY}\r".encode(),
}


def configuration(folder: Path) -> str:
    """Return a configuration with a listener for each mode and answer, and one with the broken step."""
    listeners, destinations, routes = ["listeners:"], ["destinations:"], ["routes:"]
    for step, answer in (*(("fhir", each) for each in ANSWERS), ("broken", "stored")):
        destinations.append(f"  {step}-{answer}: {{kind: sink, answer: {answer}, max_attempts: 2}}")
        for mode in MODES:
            name = f"{mode}-{step}-{answer}"
            listeners.append(f"  {name}: {{kind: mllp, port: 0, acknowledge: {mode}}}")
            routes.append(f"  - {{from: {name}, via: [{step}], to: {step}-{answer}, within: 2, attempts: 1}}")
    steps = "steps: {fhir: {kind: hl7v2_to_fhir, keep_source: true}, broken: {kind: broken_fhir}}"
    common = [f"data_dir: {folder / 'data'}", "admin: {port: 0}", "spool: {min_free_bytes: 0}", "drain_seconds: 2"]
    return "\n".join([*common, steps, *listeners, *destinations, *routes])


@pytest.mark.slow
async def test_step(tmp_path: Path) -> None:
    """No canary is in anything that a daemon with the step says, and it said something of each."""
    packages = tmp_path / "packages"
    packages.mkdir()
    install(packages, PACKAGE, "sink", "sink = sink:SINK\nbroken_fhir = sink:BROKEN")
    text = configuration(tmp_path)
    async with serving(tmp_path, text, "--log-level", "debug", packages=packages) as (process, ports):
        gateway = Daemon(process, dict(ports), tmp_path / "hilum.yaml")
        await asyncio.gather(*(send_block(port, each) for port in ports.values() for each in MESSAGES.values()))
        said = await everything_said(gateway)
    values = {CANARY, *(each for payload in MESSAGES.values() for each in hl7_values(payload))}
    assert [] == leaks(said, values)
    assert 0 == said.count(CANARY)
    assert "hilum_fhir_left_out_total" in said
    for words in (
        "delivery_refused",
        "message_parked",
        "Messages of this type are not converted to FHIR",
        "ValueError",
    ):
        assert words in said, words


async def test_command(tmp_path: Path) -> None:
    """What `hilum fhir` says of messages that it does not convert has no canary in it."""
    for number, name in enumerate(("a type that is not converted", "no identifier", "octets of no character set")):
        (tmp_path / f"{number}.hl7").write_bytes(MESSAGES[name])
    pipe = asyncio.subprocess.PIPE
    files = map(str, sorted(tmp_path.glob("*.hl7")))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", "fhir", *files, stdout=pipe, stderr=pipe
    )
    said = b"".join(await process.communicate()).decode()
    assert "not converted to FHIR" in said
    assert CANARY not in said
