"""Whom a message is about, and what it says of that person."""

import pytest

from adapters.deidentify.engines import domains_of
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.hl7v2.document import read
from adapters.deidentify.hl7v2.identity import own_identifiers, patient_of
from adapters.deidentify.pseudonyms.domains import Patient
from tests.adapters.deidentify.hl7v2.support import DOMAINS, message

KNOWN = domains_of(DOMAINS, None)


def patient(pid_3: str) -> Patient:
    """Return the patient of a message with this PID-3."""
    document = read(message(pid=f"PID|1||{pid_3}"))
    return patient_of(document, document.segments[1].field(3), KNOWN)


@pytest.mark.parametrize(
    ("pid_3", "found"),
    [
        ("7^^^HOSP", Patient("hospital", "7")),
        (" 7 ^^^HOSP", Patient("hospital", "7")),
        ("7^^^&1.2.3&ISO", Patient("hospital", "7")),
        ("7^^^HOSP&9.9&ISO", Patient("hospital", "7")),
        ("007^^^CLINIC", Patient("clinic", "7")),
        ("000^^^CLINIC", Patient("clinic", "0")),
        ("9^^^SSA~^^^HOSP~7^^^HOSP", Patient("hospital", "7")),
    ],
)
def test_patient(pid_3: str, found: Patient) -> None:
    """The first identifier of a known authority counts."""
    assert patient(pid_3) == found


@pytest.mark.parametrize(
    ("pid_3", "why"),
    [
        ("", "names no patient"),
        ("^^^HOSP", "names no patient"),
        ("4815162^^^ELSE", "assigning authority"),
        ("4815162", "assigning authority"),
        ("4815162^^^CLINIC&1.2.3&ISO", "different"),
    ],
)
def test_no_patient(pid_3: str, why: str) -> None:
    """Without one, the message is held back; the reason does not quote the identifier."""
    with pytest.raises(HeldBackError, match=why) as caught:
        patient(pid_3)
    assert "4815162" not in str(caught.value)
    assert "ELSE" not in str(caught.value)


def segment(name: str, **fields: str) -> str:
    """Return a segment with fields by their numbers (``_5``)."""
    given = {int(number[1:]): value for number, value in fields.items()}
    return "|".join([name, *(given.get(number, "") for number in range(1, max(given) + 1))])


OTHERS = (
    "NK1|1|Moreau^Claire|SPO|77 Lake Drive^^Town|6175550111|6175550122",
    "GT1|1|G-55120|Okafor^Ben||9 Hill Street|6175550133||19500102",
    segment(
        "IN1", _2="C-1234567", _8="GRP-8876", _16="Lindqvist^Sven", _18="19610708", _19="5 Bay Court", _36="POL-445566"
    ),
    segment("PV1", _5="VIS-0001", _19="VIS-4711"),
    "MRG|4815999^^^HOSP|||||| Dupont^Jean",
    "NK1|2|Quill&&Quill&van&Rossum^Eva|SPO||^PRN^PH^^49^30^5550144",
    "OBR|1|PLC-3001^X|FIL-3002^Y||||20240215",
)


@pytest.mark.parametrize(
    "text",
    [
        "Smith", "quincy", "Moreau", "Claire", "Okafor", "Lindqvist", "Dupont", "4815162", "ALT55512", "X-99817",
        "ACC7781", "123456789", "617 555 0199", "6175550111", "77 Lake Drive", "9, Hill Street", "5 bay court",
        "7 March 1954", "02/01/1950", "1961-07-08", "C1234567", "GRP8876", "POL 445566", "VIS4711", "4815999",
        "Rossum", "030/555 01 44", "+49 30 5550144", "+1 (617) 555-0199", "16175550111", "PLC3001",
        "FIL 3002", "20240215", "Smythe",
    ],
)  # fmt: skip
def test_own_identifiers(text: str) -> None:
    """Each of them is found in what is kept."""
    assert own_identifiers(read(message(*OTHERS))).is_in(f"see {text} there")


def test_others() -> None:
    """Not everything is one."""
    assert not own_identifiers(read(message(*OTHERS))).is_in("glucose 99 mg/dl, normal")
