"""Whatever comes in: held back, or JSON without the planted value; and no value in any exception."""

import contextlib
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.structure import elements_of
from tests.adapters.deidentify.fhir.making import PATIENT, SUBJECT, bundle, kinds, strings, transformer

SECRET = "Quagmire"
TYPES = ("Observation", "Bundle.entry.request", "Reference", "Identifier", "Extension", "Coding")
NAMES = sorted({"resourceType", "_status", "x", SECRET, *(name for kind in TYPES for name in elements_of(kind) or ())})
TEXTS = st.sampled_from(
    [SECRET, f"{SECRET}%20", f"urn:uuid:{SECRET}", f"urn:oid:{SECRET}", f"http://{SECRET}.org/Patient/{SECRET}",
     f"Patient/{SECRET}", f"Patient?identifier=urn:oid:1.2.3|{SECRET}", f"#{SECRET}", f"2024-01-01T{SECRET}", "Patient",
     f"Observation?identifier=http://x.org/{SECRET}|1", f"ServiceRequest?identifier={SECRET}|1",
     "urn:oid:1.2.3", "2024-05-01", "final", "Observation", "a", "urn:oid:1.2.840.10008." + SECRET]
)  # fmt: skip
LEAVES = TEXTS | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
ANY = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
)


def check(data: bytes, **profile: Any) -> None:
    """Transform *data*, and look for SECRET in the result or in what is raised."""
    try:
        result, manifest = transformer(**profile).transform(data)
    except HeldBackError as raised:
        error = raised
    else:
        assert not [each for each in strings(json.loads(result)) if SECRET.lower() in each.lower()]
        assert SECRET not in repr(manifest)
        return
    assert SECRET.lower() not in repr(error).lower()
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(kinds()), st.dictionaries(st.sampled_from(NAMES), ANY, max_size=8), st.booleans())
def test_any_resource(kind: str, elements: dict[str, Any], keeps: bool) -> None:
    """A resource of any type with anything in it, beside the patient whose name is the secret."""
    resource = {"subject": SUBJECT, **elements, "resourceType": kind}
    profile = {"text": "known_identifiers", "keep_extensions": ["urn:oid:1.2.3"]} if keeps else {}
    check(json.dumps(bundle(PATIENT, resource)).encode(), **profile)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), ANY, max_size=8), ANY)
def test_any_entry(elements: dict[str, Any], entry: Any) -> None:
    """Anything as an entry of a bundle, and anything in its request."""
    given_entry = {"request": elements, "resource": PATIENT}
    check(json.dumps({"resourceType": "Bundle", "type": "batch", "entry": [given_entry, entry]}).encode())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | ANY.map(lambda each: json.dumps(each).encode()))
def test_any_octets(data: bytes) -> None:
    """Anything at all is held back or is JSON."""
    with contextlib.suppress(HeldBackError):
        json.loads(transformer().transform(data)[0])
