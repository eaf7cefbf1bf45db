"""Orders of imaging: IPC of OMI^O23, and the ZDS that IHE adds to ORM^O01 (Radiology, RAD-4)."""

from collections.abc import Sequence

from adapters.fhir import rows
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.codes import one_coding
from adapters.fhir.context import Context
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.report import Reason
from adapters.fhir.systems import is_absolute

DICOM_UID = "urn:dicom:uid"
"""The system of identifiers that are UIDs of DICOM (R4 ImagingStudy)."""
STUDY = {"IPC": 3, "ZDS": 1}
"""The field with the Study Instance UID."""
MODALITY = 5


def add(steps: Sequence[Segment], request: Resource, owner: Resource, stay: Resource | None, context: Context) -> None:
    """Carry the steps of an imaging order, and register the study that they announce."""
    for each in steps:
        if each.name == "IPC":
            rows.apply("IPC-ServiceRequest", each, request, context)
        study = _study(each, context)
        if study is not None:
            _announce(study, each, request, owner, stay, context)


def _study(segment: Segment, context: Context) -> Resource | None:
    """Return the study that has the UID of *segment*."""
    number = STUDY[segment.name]
    context.at(segment, number)
    raw = segment.get(number)
    uid = context.delimiters.text(raw.split(context.delimiters.component)[0]) if raw != NULL else ""
    if not uid:
        return None
    urn = f"urn:oid:{uid}"
    if not is_absolute(urn):
        context.leave(Reason.UNREADABLE)
        return None
    return context.bundle.get("ImagingStudy", (DICOM_UID, urn), (DICOM_UID, urn))


def _announce(
    study: Resource, segment: Segment, request: Resource, owner: Resource, stay: Resource | None, context: Context
) -> None:
    """Register a study; one that the store has says more than the order does."""
    study.is_stub = True
    study.body["identifier"] = [{"system": DICOM_UID, "value": study.key[1]}]
    study.body["status"] = "registered"
    study.body["subject"] = owner.reference
    if stay is not None:
        study.body["encounter"] = stay.reference
    _list(study, "basedOn", request.reference)
    context.at(segment, MODALITY)
    if segment.name == "IPC" and (modality := one_coding(segment.get(MODALITY), context)):
        _list(study, "modality", modality)


def _list(study: Resource, element: str, item: Json) -> None:
    listed = study.body.setdefault(element, [])
    if item not in listed:
        listed.append(item)
