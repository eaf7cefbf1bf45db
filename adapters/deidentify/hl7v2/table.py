"""Which fields stay, and how: ``fields.tsv``. A field that is not listed is emptied, a segment without one removed."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

FIELDS = Path(__file__).with_name("fields.tsv")
ACTIONS = frozenset(
    {
        "keep",  # values of HL7's own tables, numbers
        "code",  # CE, CWE: codes, and the names of codes of known systems
        "patient",  # CX of a patient
        "number",  # CX, EI, EIP: the identifier of something else, by its purpose
        "person",  # XCN: someone who treats the patient
        "place",  # PL
        "address",  # XAD of the patient
        "birth",
        "date",  # TS, DTM
        "period",  # DR
        "timing",  # TQ: its start and its end
        "value",  # OBX-5, by OBX-2
        "text",
        "sender",
    }
)


@cache
def fields() -> Mapping[str, Mapping[int, str]]:
    """Return by segment the action for each field that stays; ``number`` has its purpose after a colon."""
    found: dict[str, dict[int, str]] = {}
    for line in FIELDS.read_text().splitlines()[1:]:
        segment, numbers, action = line.split("\t")
        for number in map(int, numbers.split()):
            if number in found.setdefault(segment, {}):
                raise ValueError(f"{FIELDS.name}: {segment}-{number} is listed twice")
            found[segment][number] = action
    return found
