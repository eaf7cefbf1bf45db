"""The engine that de-identifies HL7v2: any segments behind those of a patient, in any character set."""

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.hl7v2.transform import Hl7v2Transformer
from adapters.deidentify.pseudonyms.domains import Domain, Domains
from adapters.deidentify.pseudonyms.key import Key
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms
from adapters.deidentify.settings import Hl7v2Profile
from tests.fuzz.source import Source

PSEUDONYMS = KeyedPseudonyms(Key(b"k" * 32))
DOMAINS = Domains({}, Domain("hospital"))
PROFILES = (
    Hl7v2Profile(),
    Hl7v2Profile(text="known_identifiers", keep_segments=("ZPV", "NTE")),
    Hl7v2Profile(profile="safe_harbor", clinicians="remove", keep_sender=False),
)
CHARSETS = (b"", b"UNICODE UTF-8", b"8859/1", b"~ISO IR87", b"BIG-5", b"KLINGON")
NAME, NUMBER = b"Kowalczyk", b"77123456"


def target(data: bytes) -> None:
    """De-identify the octets behind a PID, and with the patient's name behind them."""
    source = Source(data)
    profile, charset = source.choice(PROFILES), source.choice(CHARSETS)
    rest = source.rest()
    head = b"MSH|^~\\&|A|B|C|D|20240301||ADT^A08|1|P|2.5" + b"|" * 6 + charset
    # The blank keeps an octet at the end from being one character with the first letter, as in BIG-5.
    message = head + b"\rPID|1||" + NUMBER + b"||" + NAME + b"^Zofia\r" + rest + b" " + NAME + b" " + NUMBER + b"\r"
    engine = Hl7v2Transformer(profile, PSEUDONYMS, DOMAINS)
    try:
        made, manifest = engine.transform(message)
    except HeldBackError:
        return
    assert NAME not in made
    assert NUMBER not in made
    assert NAME.decode() not in repr(manifest)
    assert made == engine.transform(message)[0]
