"""Whom a message is about, and all by which it names them."""

from collections.abc import Iterator, Mapping

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.hl7v2.document import Document, Field, Repetition
from adapters.deidentify.own.search import OwnIdentifiers
from adapters.deidentify.pseudonyms.domains import Domains, Patient

NAMES = {
    "PID": (5, 6, 9, 28),
    "NK1": (2, 30),
    "GT1": (3, 4, 21, 42, 45, 52),
    "IN1": (16, 6),
    "IN2": (22, 40, 49, 52),
    "MRG": (7,),
    "PD1": (4,),
}
"""Fields that name the patient, or a person beside the patient (XPN, XCN)."""
NUMBERS = {
    "PID": (2, 3, 4, 12, 18, 19, 20, 21),
    "NK1": (12, 33, 37),
    "GT1": (2, 12, 29),
    "IN1": (2, 8, 36, 49),
    "IN2": (1, 2, 6, 8, 61),
    "IN3": (2,),
    "MRG": (1, 2, 3, 4, 5, 6),
    "PV1": (5, 19, 50, 54),
    "ORC": (2, 3, 4),
    "OBR": (2, 3, 18, 19, 20, 21),
    "SPM": (2,),
    "DB1": (3,),
    "ACC": (),
    "MSH": (10,),
}
"""Fields that hold an identifier in their first component (CX, EI, ST), or two of them (EIP)."""
TELEPHONES = {"PID": (13, 14), "NK1": (5, 6, 31), "GT1": (6, 7, 18), "IN1": (7,), "IN2": (58, 63)}
ADDRESSES = {"PID": (11,), "NK1": (4, 32), "GT1": (5, 17), "IN1": (19,)}
DATES = {"PID": (7, 29), "NK1": (16,), "GT1": (8,), "IN1": (18,), "PV1": (44, 45), "OBR": (7, 14)}
SHORTEST = 3
"""Identifiers with fewer characters are not searched for: they are the same as too many other values."""


def authorities(document: Document, repetition: Repetition) -> tuple[str, ...]:
    """Return the names of the assigning authority in a CX: the namespace (CX.4.1), and ``universal ID&type``."""
    parts = [document.text(leaf).strip() for leaf in repetition[3]] if len(repetition) > 3 else []
    namespace = parts[0] if parts else ""
    universal = "&".join(parts[1:3]) if len(parts) > 2 and parts[1] else ""
    return tuple(each for each in (namespace, universal) if each)


def patient_of(document: Document, field: Field | None, domains: Domains) -> Patient:
    """Return the patient of the first identifier of ``PID-3`` whose authority is known; raises HeldBackError."""
    problem: HeldBackError | None = None
    for repetition in field or ():
        number = document.text(repetition[0][0]).strip()
        if not number:
            continue
        try:
            return domains.patient("hl7v2", authorities(document, repetition), number)
        except HeldBackError as error:
            problem = problem or error
    raise problem or HeldBackError("it names no patient (PID-3)")


def own_identifiers(document: Document) -> OwnIdentifiers:
    """Return every name, number, telephone, street and date by which the message names its patient."""
    own = OwnIdentifiers()
    for repetition in _repetitions(document, NAMES):
        # An XCN has a number before its name; an XPN has the family name there.
        own.add_name(" ".join(document.text(leaf) for part in repetition[:5] for leaf in part[:5]))
    for repetition in _repetitions(document, NUMBERS):
        for component in repetition[:2]:
            _add_number(own, document.text(component[0]))
    for repetition in _repetitions(document, TELEPHONES):
        country, area, local = (
            document.text(part[0]).strip() if part else "" for part in (*repetition[4:7], None, None, None)[:3]
        )
        given = [document.text(part[0]) for part in (repetition[0], *repetition[3:4], *repetition[11:12])]
        for text in (*given, f"{area} {local}", f"+{country} {area} {local}" if country else ""):
            if sum(map(str.isalnum, text)) >= SHORTEST:
                own.add_telephone(text)
    for repetition in _repetitions(document, ADDRESSES):
        _add_number(own, " ".join(document.text(leaf) for leaf in repetition[0]))
    for repetition in _repetitions(document, DATES):
        own.add_date(document.text(repetition[0][0]).strip())
    return own


def _add_number(own: OwnIdentifiers, text: str) -> None:
    if sum(map(str.isalnum, text)) >= SHORTEST:
        own.add_number(text)


def _repetitions(document: Document, table: Mapping[str, tuple[int, ...]]) -> Iterator[Repetition]:
    for segment in document.segments:
        for number in table.get(segment.name, ()):
            yield from segment.field(number) or ()
