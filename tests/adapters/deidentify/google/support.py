"""A dialect by its configuration, and what it makes of objects of the tests."""

import json
from typing import Any

from adapters.deidentify.dicom.file import FileDeidentifier
from adapters.deidentify.dicom.pixels.redacting import Redacting
from adapters.deidentify.dicom.tree import Element
from adapters.deidentify.google.opening import Dialect, open_dialect
from adapters.deidentify.google.pseudonyms import OneDomain
from adapters.deidentify.google.reading import parse_config
from adapters.deidentify.pseudonyms.key import Key
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms

KEY = Key(bytes(range(32)))
PSEUDONYMS = KeyedPseudonyms(KEY)
CRYPTO_KEY = "AAECAwQFBgcICQoLDA0ODw=="
NO_MODEL = ["PERSON_NAME", "LOCATION", "ORGANIZATION_NAME"]
"""The infoTypes that nothing here recognises, to be excluded."""
Json = dict[str, Any]


def opened(config: Json, *, redacts_fields: bool = False) -> Dialect:
    """Return the dialect of a configuration."""
    parsed = parse_config(json.dumps(config).encode())
    return open_dialect(parsed, KEY, PSEUDONYMS, OneDomain(), most_weeks=52, redacts_fields=redacts_fields)


def fhir(config: Json, resource: Json, *, redacts_fields: bool = False) -> Json:
    """Return what becomes of a resource."""
    made = opened(config, redacts_fields=redacts_fields).fhir.transform(json.dumps(resource).encode())[0]
    found: Json = json.loads(made)
    return found


def fields(paths: list[str], action: str = "TRANSFORM", **text: Any) -> Json:
    """Return a configuration for FHIR with one entry."""
    made: Json = {"fhir": {"fieldMetadataList": [{"paths": paths, "action": action}]}}
    return {**made, "text": text} if text else made


def dicom(config: Json, file: bytes, *, redacts_fields: bool = False, redacting: Redacting | None = None) -> bytes:
    """Return what becomes of a file."""
    dialect = opened(config, redacts_fields=redacts_fields)
    engine = FileDeidentifier(dialect.headers, dialect.manifest("key"), redacting)
    return b"".join(map(bytes, [*engine.receive_data(file), *engine.receive_end()]))


def text_of(elements: Any, tag: int) -> str | None:
    """Return the text of an element, None if it is not there."""
    found: Element | None = elements.get(tag)
    return None if found is None else found.value.decode().strip("\0 ")
