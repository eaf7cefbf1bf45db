"""One patient's messages, and what de-identifies them."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.deidentify.engines import domains_of
from adapters.deidentify.hl7v2.transform import Hl7v2Transformer
from adapters.deidentify.pseudonyms.domains import Patient
from adapters.deidentify.pseudonyms.key import Key
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms
from adapters.deidentify.settings import Hl7v2Profile
from gateway.contract.domains import DomainSettings

DOMAINS: Mapping[str, DomainSettings] = {
    "hospital": DomainSettings(hl7v2=("HOSP", "1.2.3&ISO")),
    "clinic": DomainSettings(hl7v2=("CLINIC",), leading_zeros="drop"),
}
PSEUDONYMS = KeyedPseudonyms(Key(b"k" * 32))
PATIENT = Patient("hospital", "4815162")
PSEUDONYM, DAYS = PSEUDONYMS.patient(PATIENT), PSEUDONYMS.shift(PATIENT)
HEADER = "MSH|^~\\&|LAB|HOSP|EHR|SITE|20240301120000||ORU^R01^ORU_R01|C77|P|2.5.1"
PID = (
    "PID|1|X-99817|4815162^^^HOSP^MR|ALT55512|Smith^John^Quincy|Moreau^Ada|19540307|M|Jack Smythe||"
    "12 Elm Road^^Boston^MA^02139^USA||617-555-0199|6175550177|en|M||ACC-7781|123-45-6789"
)


def transformer(**profile: Any) -> Hl7v2Transformer:
    """Return what de-identifies messages by a *profile*; a number without an authority is the hospital's."""
    return Hl7v2Transformer(Hl7v2Profile(**profile), PSEUDONYMS, domains_of(DOMAINS, "hospital"))


def message(*segments: str, header: str = HEADER, pid: str = PID) -> bytes:
    """Return a message about the patient."""
    return ("\r".join([header, pid, *segments]) + "\r").encode()


def changed(data: bytes, **profile: Any) -> list[str]:
    """Return the segments of the result."""
    made, _ = transformer(**profile).transform(data)
    assert made.endswith(b"\r")
    return made.decode().split("\r")[:-1]


def field(segments: Sequence[str], name: str, number: int) -> str:
    """Return a field of the first segment of that name; empty if it is not there."""
    found = next((each.split("|") for each in segments if each.startswith(name)), [])
    at = number - (name == "MSH")
    return found[at] if at < len(found) else ""


def through(name: str, number: int, value: str, **profile: Any) -> str:
    """Return what becomes of *value* in one field of a message about the patient."""
    if name == "PID":
        fields = PID.split("|")
        fields += [""] * (number + 1 - len(fields))
        fields[number] = value
        return field(changed(message(pid="|".join(fields)), **profile), "PID", number)
    if name == "MSH":
        fields = HEADER.split("|")
        fields += [""] * (number - len(fields))
        fields[number - 1] = value
        return field(changed(message(header="|".join(fields)), **profile), "MSH", number)
    kind = "|".join(["", "", "ST"]) if name == "OBX" and number != 2 else ""
    fields = [name, *kind.split("|")[1:]] if kind else [name]
    fields += [""] * (number + 1 - len(fields))
    fields[number] = value
    return field(changed(message("|".join(fields)), **profile), name, number)
