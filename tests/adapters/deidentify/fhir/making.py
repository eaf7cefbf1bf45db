"""A transformer of resources for the tests, and resources with a text in every place."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.identifiers import Identifiers
from adapters.deidentify.fhir.links import Links
from adapters.deidentify.fhir.structure import elements_of, is_resource, resources
from adapters.deidentify.fhir.transform import FhirTransformer
from adapters.deidentify.fhir.values import Values
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.pseudonyms.domains import Domain, Domains, Patient
from adapters.deidentify.pseudonyms.key import Key
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms
from adapters.deidentify.settings import FhirProfile

Json = dict[str, Any]
PSEUDONYMS = KeyedPseudonyms(Key(bytes(range(32))))
HOSPITAL = Domain("hospital")
SYSTEM = "urn:oid:1.2.3"
DOMAINS = Domains({("fhir", SYSTEM): HOSPITAL, ("hl7v2", "HOSP"): HOSPITAL, ("hl7v2", "1.2.3&ISO"): HOSPITAL})
YEAR = 2026
HELD_BACK = frozenset({"Binary", "Parameters"})
PATIENT: Json = {
    "resourceType": "Patient",
    "id": "p-1001",
    "identifier": [{"system": SYSTEM, "value": "4711007"}],
    "name": [{"family": "Quagmire", "given": ["Zebulon"]}],
    "birthDate": "1980-03-15",
}
SUBJECT = {"reference": "Patient/p-1001"}
DAYS = PSEUDONYMS.shift(Patient("hospital", "4711007"))
LISTS = frozenset({"modifierExtension", "contained", "resource", "outcome"})
DEEPEST = 7
NUMBERS = frozenset({"decimal", "integer", "positiveInt", "unsignedInt"})


def transformer(domains: Domains = DOMAINS, **profile: Any) -> FhirTransformer:
    """Return a transformer with a profile."""
    return FhirTransformer(FhirProfile(**profile), PSEUDONYMS, domains, lambda: YEAR)


def identifiers(*resources: Json, domains: Domains = DOMAINS) -> Identifiers:
    """Return what makes the identifiers of these resources."""
    return Identifiers(PSEUDONYMS, domains, Links(PSEUDONYMS), resources, lambda text: "Quagmire" in text)


@contextmanager
def values(
    days: int | HeldBackError = DAYS, kind: str = "Patient", manifest: Manifest | None = None, **profile: Any
) -> Iterator[Values]:
    """Yield what makes the values of a resource of type *kind*, whose dates are moved by *days*."""
    made = Values(FhirProfile(**profile), Links(PSEUDONYMS), identifiers(), manifest or Manifest("test", "key"), YEAR)
    with made.within(kind, days):
        yield made


def done(resource: Json, domains: Domains = DOMAINS, **profile: Any) -> Json:
    """Return what becomes of a resource."""
    made: Json = json.loads(transformer(domains, **profile).transform(json.dumps(resource).encode())[0])
    return made


def bundle(*entries: Json, kind: str = "collection") -> Json:
    """Return a bundle of resources."""
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": each} for each in entries]}


def with_patient(resource: Json, **profile: Any) -> Json:
    """Return what becomes of a resource beside PATIENT."""
    if resource["resourceType"] == "Patient":  # without an identifier of a known domain it is held back
        listed = resource.get("identifier", [])
        resource = {**resource, "identifier": [*listed, *PATIENT["identifier"]]}
    found: Json = done(bundle(PATIENT, resource), **profile)["entry"][1]["resource"]
    return found


def kinds() -> list[str]:
    """Return the types of resources that are de-identified."""
    return sorted(set(resources()) - HELD_BACK - {"Bundle"})


def planted(kind: str, text: Any, above: tuple[str, ...] = ()) -> Json:
    """Return an object with *text* in every place of every datatype, whether R4 allows a text there or not.

    A choice has all its alternatives at once: the transformer looks at each.
    """
    found: Json = {"resourceType": kind} if is_resource(kind) else {}
    for name, element in (elements_of(kind) or {}).items():
        if name in LISTS or element.kind in above or len(above) > DEEPEST or (above and element.kind == "Extension"):
            continue
        inner: Any = text
        if elements_of(element.kind) is not None:
            inner = planted(element.kind, text, (*above, element.kind))
        found[name] = [inner] if element.repeats else inner
    found["unknownElement"] = text
    found["_id"] = {"id": text, "extension": [{"url": "urn:x", "valueString": text}]}
    return found


def strings(value: Any) -> Iterator[str]:
    """Yield every text, number and name of a value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    else:
        yield str(value)
