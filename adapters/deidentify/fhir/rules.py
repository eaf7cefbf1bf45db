"""What is done by datatype, and to the few elements whose meaning their datatype does not tell."""

import re
from collections.abc import Mapping

from adapters.deidentify.fhir import forms

REMOVED = frozenset(
    [
        "HumanName",
        "ContactPoint",
        "ContactDetail",
        "Contributor",
        "Attachment",
        "Narrative",
        "Annotation",
        "Signature",
        "base64Binary",
        "markdown",
        "xhtml",
        "url",
    ]
)
"""Types of which nothing stays."""
REMOVED_PATHS = frozenset(
    [
        "Meta.versionId",
        "Meta.lastUpdated",
        "Meta.source",
        "Bundle.link",
        "Bundle.entry.link",
        "Bundle.entry.request.ifModifiedSince",
        "Bundle.entry.request.ifMatch",
        "Bundle.entry.response.etag",
        "Bundle.entry.response.lastModified",
        "Patient.contact",  # what is left of a person beside the patient would break invariant pat-1
        "Address.text",
        "Address.line",
        "Address.city",
        "Address.district",
    ]
)
HELD_BACK = frozenset({"Binary", "Parameters"})
"""Resources whose content says anything, in a form of its own."""
QUANTITIES = ("Quantity", "Age", "Count", "Distance", "Duration")
IN_A_YEAR: Mapping[str, float] = {
    **dict.fromkeys(("a", "ann", "years", "year", "yr", "yrs", "y"), 1),
    **dict.fromkeys(("mo", "month", "months"), 12),
    **dict.fromkeys(("wk", "week", "weeks"), 365.25 / 7),
    **dict.fromkeys(("d", "day", "days"), 365.25),
}
"""The units in which an age is counted, by UCUM's code or in words, and how many of them a year has."""
STRINGS: Mapping[str, re.Pattern[str]] = {
    "Coding.version": forms.VERSION,
    **{f"{each}.unit": forms.UNIT for each in QUANTITIES},
    "SampledData.data": forms.SAMPLES,
    "Address.state": forms.STATE,
    "Address.country": forms.COUNTRY,
    "Questionnaire.item.linkId": forms.VERSION,
    "Questionnaire.item.enableWhen.question": forms.VERSION,
    "QuestionnaireResponse.item.linkId": forms.VERSION,
    "Bundle.entry.request.ifNoneMatch": re.compile(r"\*\Z"),
}
"""Texts that are no free text, and their forms."""
FREE_TEXT = frozenset(
    [
        "text",
        "description",
        "comment",
        "title",
        "display",
        "conclusion",
        "summary",
        "detail",
        "value[x]",
        "answer[x]",
        "content[x]",
        "occurrence[x]",
        "onset[x]",
        "abatement[x]",
        "patientInstruction",
        "instruction",
        "disposition",
        "diagnostics",
        "rationale",
        "mitigation",
        "outcomeDesc",
        "statusReason",
    ]
)
"""Elements that may hold free text. Other strings (names of people and places, numbers of devices) never stay."""
NAMES = frozenset({"Reference.display", "TestReport.participant.display"})
"""Elements that are called like free text, and name somebody."""
URIS = re.compile(r"(?:.*\.(?:system|implicitRules)|Extension\.url)\Z")
"""URIs that name a system of codes or identifiers, or rules."""
DEFINITION_URL = re.compile(r"(?!Device\.)[A-Z][A-Za-z]+\.url\Z", re.ASCII)
"""The canonical URL of a definition."""
UIDS = frozenset({"ImagingStudy.series.uid", "ImagingStudy.series.instance.uid"})
BIRTHS = frozenset(
    [
        "Patient.birthDate",
        "Person.birthDate",
        "Practitioner.birthDate",
        "RelatedPerson.birthDate",
        "FamilyMemberHistory.born[x]",
    ]
)
ABOUT: Mapping[str, str] = {
    **dict.fromkeys(("subject", "patient", "beneficiary", "for"), "Patient"),
    **dict.fromkeys(("individual", "performer", "requester", "recorder", "asserter", "author"), "Practitioner"),
    **dict.fromkeys(("generalPractitioner", "resultsInterpreter", "practitioner", "actor", "who"), "Practitioner"),
    **dict.fromkeys(("encounter", "context"), "Encounter"),
    "specimen": "Specimen",
    "basedOn": "ServiceRequest",
}
"""What a reference that has nothing but an identifier points to, by the name of its element."""
