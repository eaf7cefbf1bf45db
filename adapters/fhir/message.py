"""What a FHIR resource says as a message: facts for routes, the patient for the order, the subject for the audit trail.

Each function takes any octets: what cannot be read says nothing. A store decides whether a body is FHIR.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from gateway.contract.fhir import Interaction, InteractionName
from gateway.contract.message import Subject

Json = Mapping[str, Any]
EXECUTED: Mapping[str, InteractionName] = {"transaction": "transaction", "batch": "batch"}
"""The types of bundles that are executed; any other bundle is stored."""
_METHODS: Mapping[str, InteractionName] = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_OF_PATIENT = ("subject", "patient", "beneficiary", "individual", "for")
"""Elements that refer to the patient of a resource."""


class _Kind(msgspec.Struct):
    resourceType: str = ""  # noqa: N815 - FHIR's name
    type: Any = None
    id: Any = None


_kind = msgspec.json.Decoder(_Kind).decode
_whole = msgspec.json.Decoder().decode


def facts_of(body: bytes, interaction: Interaction | None = None) -> dict[str, str]:
    """Return the facts ``interaction`` and ``resource_type``, as far as they are known."""
    found = _read(_kind, body, _Kind())
    executed = EXECUTED.get(found.type) if found.resourceType == "Bundle" and isinstance(found.type, str) else None
    if interaction is not None and interaction.url:
        name, kind = _METHODS[interaction.method], interaction.url.partition("?")[0].partition("/")[0]
    elif executed is not None:
        name, kind = executed, "Bundle"
    else:
        name, kind = "update" if found.id else "create", found.resourceType
    return {"interaction": name, "resource_type": kind} if kind else {"interaction": name}


def patient_of(body: bytes, interaction: Interaction | None = None) -> str | None:
    """Return a text that is the same for the resources of one patient, as far as they name the patient alike.

    It is payload: it is compared, and never shown.
    """
    resource = _read(_whole, body, None)
    if not isinstance(resource, dict):
        return None
    if resource.get("resourceType") != "Bundle":
        return _patient(resource, interaction.url if interaction is not None else "")
    requests = [
        (each["resource"], str((each.get("request") or {}).get("url", "")))
        for each in _entries(resource)
        if isinstance(each.get("resource"), dict) and isinstance(each.get("request", {}), dict)
    ]
    patients = [each for each in requests if each[0].get("resourceType") == "Patient"]
    return next((key for each in (*patients, *requests) if (key := _patient(*each)) is not None), None)


def subject_of(body: bytes) -> Subject:
    """Return the patient of a resource: the first Patient in it, or else the reference to one."""
    resource = _read(_whole, body, None)
    if not isinstance(resource, dict):
        return Subject()
    inner = [each["resource"] for each in _entries(resource) if isinstance(each.get("resource"), dict)]
    patient = next((each for each in (resource, *inner) if each.get("resourceType") == "Patient"), None)
    if patient is None:
        found = next((key for each in (resource, *inner) if (key := _reference(each)) is not None), None)
        return Subject(patient_id=found or "")
    identifier: Json = next(_objects(patient.get("identifier")), {})
    name: Json = next(_objects(patient.get("name")), {})
    given = [each for each in name.get("given") or () if isinstance(each, str)]
    shown = name.get("text") or "^".join([str(name.get("family", "")), *given])
    return Subject(patient_id=str(identifier.get("value") or patient.get("id") or ""), patient_name=str(shown))


def _patient(resource: Json, url: str) -> str | None:
    if resource.get("resourceType") != "Patient":
        return _reference(resource)
    path, _, condition = url.partition("?")
    searched = dict(parse_qsl(condition)).get("identifier")
    if searched:
        return searched
    # Others refer to it by the ID under which it is stored; a POST has a new one.
    known = path.partition("/")[2] or (resource.get("id") if not path else None)
    if known:
        return f"Patient/{known}"
    identifier = next((each for each in _objects(resource.get("identifier")) if each.get("system")), None)
    if identifier is not None and identifier.get("value"):
        return f"{identifier['system']}|{identifier['value']}"
    return None


def _reference(resource: Json) -> str | None:
    for name in _OF_PATIENT:
        for each in _objects(resource.get(name)):
            if isinstance(each.get("reference"), str):
                kind, _, condition = str(each["reference"]).partition("?")  # conditional: R4 http.html 3.1.0.11.2
                return dict(parse_qsl(condition)).get("identifier") if condition else kind
    return None


def _entries(resource: Json) -> Iterator[Json]:
    return _objects(resource.get("entry"))


def _objects(value: object) -> Iterator[Json]:
    """Yield the objects in a list, or the only one."""
    yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict))


def _read(decode: Any, body: bytes, otherwise: Any) -> Any:
    try:
        return decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return otherwise
