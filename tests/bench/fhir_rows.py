"""Row 11: HL7v2 to FHIR in one process, without a network: milliseconds of processor time for a message."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from zoneinfo import ZoneInfo

import hl7

from adapters.fhir.context import Options
from adapters.fhir.convert import Conversion, convert
from tests.bench.measure import HILUM, BenchError, Case, Goal, Sample
from tests.bench.setup import Setup

ROW = 11
PARSER = "python-hl7: parses only"
OPTIONS = Options(ZoneInfo("Europe/Berlin"))
RUNS = 200
HEADER = "MSH|^~\\&|APP|HOSP|||20240501101500||{}|C1|P|2.5.1\rEVN|A01|20240501101500\r"
PERSON = (
    "PID|1||123456^^^HOSP&1.2.3&ISO^MR~{0}||Test^Anna^Maria^^^^L||19800315|F|||Way 1^^Town^ST^12345^DE^H||555-1234|"
)
VISIT = "|||M|CAT|A1^^^HOSP\rPV1|1|I|W1^2^3^HOSP|E|||9^Doe^Jim^^^Dr|8^Roe^Eva|||MED||||7||||||V1^^^HOSP"


def whole(name: str, count: int) -> str:
    """Return a segment with a value in every field."""
    return name + "".join(f"|{name}{number}A^text{number}B^{number}" for number in range(1, count + 1))


ADT = HEADER.format("ADT^A01^ADT_A01") + PERSON.format("99^^^SSA^SS") + VISIT + "|" * 25 + "20240501101500\r"
SMALL = (
    ADT + "NK1|1|Test^Eva|MTH^Mother^HL70063|Way 1^^Town|555-1\r" * 5 + "AL1|1|DA|70618^Penicillin^RXNORM|SV|Rash\r" * 5
)
LARGE = ADT + "\r".join(
    whole(name, count)
    for name, count in (
        ("PV2", 47),
        ("NK1", 39),
        ("NK1", 39),
        ("AL1", 6),
        ("DG1", 21),
        ("GT1", 57),
        ("IN1", 53),
        ("IN2", 72),
        ("PR1", 25),
        ("ROL", 12),
        ("PDA", 9),
        ("IN1", 53),
        ("IN2", 42),
    )
)
RESULT = (
    HEADER.format("ORU^R01^ORU_R01").partition("EVN")[0]
    + PERSON.format("99^^^SSA^SS")
    + VISIT
    + "\rORC|RE|P1^HIS|F1^LAB\rOBR|1|P1^HIS|F1^LAB|24323-8^Panel^LN|||20240501101500|||||||||||||||20240501103000|||F\r"
    + "".join(f"OBX|{n}|NM|{n}-8^Name {n}^LN||{n}.10|mg/dL|1.0-9.0|N|||F|||20240501101500\r" for n in range(1, 41))
)
MESSAGES = {
    f"ADT of {len(SMALL)} octets": (SMALL, 0.5),
    f"ADT of {len(LARGE)} octets with every field": (LARGE, 2.0),
    "ORU of 40 OBX": (RESULT, 1.0),
}


def timed(runs: int, work: Callable[[], object]) -> Sample:
    """Return the processor time of one run in milliseconds."""
    begin = time.process_time()
    for _ in range(runs):
        work()
    return Sample((time.process_time() - begin) / runs * 1000)


def converted(message: bytes) -> bytes:
    """Convert and write a message."""
    made = convert(message, OPTIONS)
    if not isinstance(made, Conversion):
        raise BenchError("the message was refused")
    return made.encoded()


def case(name: str, message: str, most: float, runs: int) -> Case:
    """Return the case of one message."""
    contenders = {
        HILUM: partial(timed, runs, partial(converted, message.encode())),
        PARSER: partial(timed, runs, partial(hl7.parse, message)),
    }
    return Case(ROW, name, "ms of processor time", contenders, [Goal("value", at_most=most)])


@contextmanager
def fhir(setup: Setup) -> Iterator[Sequence[Case]]:
    """Yield the cases of this row."""
    runs = setup.count(RUNS)
    yield [case(name, message, most, runs) for name, (message, most) in MESSAGES.items()]
