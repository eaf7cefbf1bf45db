"""The text of a report without what names its patient, for the public side.

What is removed is what is known of the patient: from the headers of the images that the report is linked to, and from
the row of the report. So a report without images stays out: nothing is known of its patient. What nobody has said
anywhere else, such as the name of a relative or of the physician who signs, is not found: name the columns that have it
in ``columns.names``, and let somebody read a sample before a dataset is published.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.hl7v2.ages import without_great_ages
from adapters.deidentify.own.cleaning import REMOVED, cleaned
from adapters.deidentify.pseudonyms.domains import Domains
from adapters.deidentify.pseudonyms.service import Pseudonyms
from adapters.deidentify.settings import DeidentifySettings
from adapters.pipeline.contract import Row
from adapters.pipeline.reports.dates import Order
from adapters.pipeline.reports.known import MISFITS, Known
from adapters.pipeline.reports.text_dates import Treatment, without_dates

PATIENT_ID = "00100020"
BETWEEN = r"[^\w\n]{0,3}"
"""What may stand between two digits of a number."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a step does with the texts of reports."""

    keeps_text: bool
    dates: Treatment


def policy_of(step: DeidentifySettings) -> Policy:
    """Return what the settings of a step say of reports: what they say of the text of HL7v2 messages.

    Dates are moved where those of the images are moved as well, so that the two agree; otherwise they are removed.
    """
    if step.google_config_file is not None:
        return Policy(keeps_text=False, dates="remove")
    is_moved = "retain_longitudinal_modified_dates" in step.dicom.options
    dates: Treatment = "year" if step.hl7v2.profile == "safe_harbor" else "shift" if is_moved else "remove"
    return Policy(step.hl7v2.text == "known_identifiers", dates)


def days_of(image: Row, pseudonyms: Pseudonyms, domains: Domains) -> int:
    """Return by how many days the dates of a patient are moved; *image* is a row of the images, as the step reads it.

    Raises HeldBackError, as the step does, if it is not known whose number the Patient ID is.
    """
    if PATIENT_ID in (image.get(MISFITS) or {}):
        raise HeldBackError("its Patient ID has several values")
    number = (image.get("PatientID") or "").strip("\0 ")
    if not number:
        return pseudonyms.shift_of_study(image["StudyInstanceUID"])
    issuers = [(image.get("IssuerOfPatientID") or "").strip("\0 ")]
    for item in (image.get("IssuerOfPatientIDQualifiersSequence") or ())[:1]:
        universal, kind = item.get("UniversalEntityID") or "", item.get("UniversalEntityIDType") or ""
        issuers.append(f"{universal}&{kind}" if universal else "")
    return pseudonyms.shift(domains.patient("dicom", tuple(filter(None, issuers)), number))


def known_of(images: Iterable[Row], report: Row) -> Known:
    """Return by what the patient of a linked report is known."""
    known = Known()
    for image in images:
        known.add_image(image)
    known.add_report(report)
    return known


def clean_text(text: str, known: Known, policy: Policy, days: int, order: Order = None) -> str:
    """Return *text* without what is *known*; empty if it is not kept, or if something known would still be in it.

    *order* is that of the days and months in the hospital's dates, see ``ReportFormat.dates``.
    """
    if not policy.keeps_text or not known:
        return ""
    text = _without_grouped(text, known)
    moved = without_dates(text, policy.dates, days, known.births, order)
    return cleaned(known.own(), without_great_ages(moved))


def _without_grouped(text: str, known: Known) -> str:
    """Remove numbers whose digits are written in groups.

    Behind another number, as in ``3.2 030-555 01 99``, the search of runs of digits does not see where one begins.
    """
    longest_first = sorted(known.digits(), key=lambda each: (-len(each), each))
    if not longest_first:
        return text
    spelled = "|".join(BETWEEN.join(each) for each in longest_first)
    return re.sub(rf"(?<!\d)(?:0{BETWEEN}){{0,6}}(?:{spelled})(?!\d)", REMOVED, text)


def clean_date(day: str | None, policy: Policy, days: int) -> str | None:
    """Return the date of a report, moved; None where dates are removed or cut to their year, which is no date."""
    return without_dates(day, "shift", days, ()) if day is not None and policy.dates == "shift" else None
