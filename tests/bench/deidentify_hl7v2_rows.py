"""Row 15: HL7v2 messages de-identified in one process, without a network: messages a second of processor time."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import hl7

from adapters.deidentify.hl7v2.transform import Hl7v2Transformer
from adapters.deidentify.pseudonyms.domains import Domain, Domains
from adapters.deidentify.pseudonyms.key import Key
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms
from adapters.deidentify.settings import Hl7v2Profile
from tests.bench.fhir_rows import RESULT, SMALL
from tests.bench.measure import HILUM, Case, Goal, Sample
from tests.bench.setup import Setup

ROW = 15
PARSER = "python-hl7: parses and writes only"
ENGINE = Hl7v2Transformer(Hl7v2Profile(), KeyedPseudonyms(Key(b"k" * 32)), Domains({}, Domain("hospital")))
CLEANING = Hl7v2Transformer(
    Hl7v2Profile(text="known_identifiers"), KeyedPseudonyms(Key(b"k" * 32)), Domains({}, Domain("hospital"))
)
RUNS = 200
PID_3 = "123456^^^HOSP&1.2.3&ISO^MR~99^^^SSA^SS"
MESSAGES = {name: text.replace(PID_3, "{}") for name, text in (("ADT", SMALL), ("ORU of 40 OBX", RESULT))}
"""Each message is about another patient, so that nothing is known from the one before."""
LEAST = 500
"""Messages a second: 2 ms for each."""


def timed(runs: int, work: Callable[[str], object], message: str) -> Sample:
    """Return how many messages *work* does in a second of processor time."""
    messages = [message.replace("{}", f"{4_711_000 + number}") for number in range(runs)]
    begin = time.process_time()
    for each in messages:
        work(each)
    return Sample(runs / (time.process_time() - begin))


def transformed(engine: Hl7v2Transformer, message: str) -> bytes:
    """De-identify a message."""
    return engine.transform(message.encode())[0]


def written(message: str) -> str:
    """Parse a message and write it, with nothing in between."""
    return str(hl7.parse(message))


def case(name: str, message: str, runs: int) -> Case:
    """Return the case of one kind of message."""
    contenders = {
        HILUM: partial(timed, runs, partial(transformed, ENGINE), message),
        "Hilum, texts cleaned": partial(timed, runs, partial(transformed, CLEANING), message),
        PARSER: partial(timed, runs, written, message),
    }
    title = f"{name} of {len(message)} octets, de-identified"
    return Case(ROW, title, "messages/s of processor time", contenders, [Goal("value", at_least=LEAST)])


@contextmanager
def deidentify_hl7v2(setup: Setup) -> Iterator[Sequence[Case]]:
    """Yield the cases of this row."""
    runs = setup.count(RUNS)
    yield [case(name, message, runs) for name, message in MESSAGES.items()]
