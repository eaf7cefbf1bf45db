"""The engine that de-identifies FHIR: any entry of a bundle beside its patient, whose name may be anywhere in it."""

import json

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.transform import FhirTransformer
from adapters.deidentify.pseudonyms.domains import Domain, Domains
from adapters.deidentify.pseudonyms.key import Key
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms
from adapters.deidentify.settings import FhirProfile
from tests.fuzz.source import Source

PSEUDONYMS = KeyedPseudonyms(Key(b"k" * 32))
DOMAINS = Domains({}, Domain("hospital"))
PROFILES = (
    FhirProfile(),
    FhirProfile(text="known_identifiers", keep_extensions=("http://x.org/kept",)),
    FhirProfile(profile="safe_harbor"),
)
NAME, NUMBER = b"Kowalczyk", b"77123456"
PATIENT = (
    b'{"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0","resource":{"resourceType":"Patient","id":"p1",'
    b'"identifier":[{"value":"' + NUMBER + b'"}],"name":[{"family":"' + NAME + b'"}]}}'
)


def target(data: bytes) -> None:
    """De-identify the octets as an entry, with ``@`` for the patient's name and ``#`` for the number.

    No digit stands beside the number: a longer number is another one.
    """
    source = Source(data)
    profile = source.choice(PROFILES)
    entry = source.rest().replace(b"@", NAME).replace(b"#", b" %b " % NUMBER)
    bundle = b'{"resourceType":"Bundle","type":"batch","entry":[' + PATIENT + b"," + entry + b"]}"
    engine = FhirTransformer(profile, PSEUDONYMS, DOMAINS, lambda: 2026)
    try:
        made, manifest = engine.transform(bundle)
    except HeldBackError as error:
        reason = str(error).encode()
    else:
        reason = b""
    assert NAME not in reason
    if reason:
        return
    assert NAME.lower() not in made.lower()
    assert NUMBER not in made
    assert NAME.decode() not in repr(manifest)
    assert json.loads(made)["resourceType"] == "Bundle"
    assert made == engine.transform(bundle)[0]
