"""Plants identifiers of a patient into an object, in all the places where they hide; the same for the same seed.

Each place is a function that changes a data set of pydicom; what cannot be said with pydicom is a change of octets.
"""

import base64
import html
import quopri
import zlib
from collections.abc import Callable, Iterator
from datetime import date
from random import Random
from typing import NamedTuple
from urllib.parse import quote

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag
from pydicom.valuerep import PersonName

from tests.adapters.deidentify.judge.scanner import Answers

FAMILIES = ("Ossietzky", "Brandauer", "Kowalczyk", "Szymborska", "Haverkamp")
GIVEN = ("Friedhelm", "Annegret", "Zbigniew", "Theodora", "Leopoldine")

Encode = Callable[[str], str]
ENCODINGS: dict[str, Encode] = {
    "plain": str,
    "upper": str.upper,
    "lower": str.lower,
    "spaced": " ".join,
    "base64 0": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 1": lambda text: base64.b64encode(b"x" + text.encode()).decode(),
    "base64 2": lambda text: base64.b64encode(b"xy" + text.encode()).decode(),
    "base64 utf-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "percent": lambda text: "".join(f"%{each:02X}" for each in text.encode()),
    "percent some": lambda text: quote(text, safe="").replace("e", "%65"),
    "html": lambda text: "".join(f"&#{ord(each)};" for each in text),
    "xml": lambda text: f"<name>{html.escape(text)}</name>",
    "quoted-printable": lambda text: "".join(f"={each:02X}" for each in text.encode()),
    "quoted": lambda text: quopri.encodestring(text.encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "json": lambda text: "".join(f"\\u{ord(each):04x}" for each in text),
    "utf-16": lambda text: text.encode("utf-16-le").decode("latin-1"),
    "utf-16 be": lambda text: text.encode("utf-16-be").decode("latin-1"),
}


class Subject:
    """A patient whom nobody knows, by chance."""

    def __init__(self, chance: Random) -> None:
        self.family, self.given = chance.choice(FAMILIES), chance.choice(GIVEN)
        self.number = f"MRN{chance.randrange(10**7, 10**8)}"
        self.accession = f"A{chance.randrange(10**9, 10**10)}"
        self.born = date(chance.randrange(1930, 1999), chance.randrange(1, 13), chance.randrange(13, 29))
        self.study = date(2019, chance.randrange(1, 13), chance.randrange(13, 29))
        self.uid = f"1.3.6.1.4.1.9999.{self.study:%Y%m%d}.{chance.randrange(10**9)}"

    def answers(self) -> Answers:
        """Return the key."""
        return Answers(
            {f"{self.family}^{self.given}"}, {self.number, self.accession}, {self.born, self.study}, {self.uid}
        )

    def spellings(self) -> Iterator[str]:
        """Yield what is planted."""
        yield from (self.family, self.given, f"{self.family}^{self.given}", f"{self.given} {self.family}")
        yield from (
            self.number,
            self.number[3:],
            self.accession,
            f"for {self.family}, {self.given} (see {self.number})",
        )
        for day in (self.born, self.study):
            yield from (f"{day:%Y%m%d}", f"{day:%Y-%m-%d}", f"{day:%d.%m.%Y}", f"{day:%m/%d/%Y}", f"{day:%d %b %Y}")
        yield self.uid


def name(data_set: Dataset, who: Subject) -> None:
    """Write the patient into the header, where patients belong."""
    data_set.PatientName = f"{who.family}^{who.given}"
    data_set.PatientID, data_set.AccessionNumber = who.number, who.accession
    data_set.PatientBirthDate, data_set.StudyDate = f"{who.born:%Y%m%d}", f"{who.study:%Y%m%d}"
    data_set.StudyInstanceUID = who.uid


PLACES = {
    # free text: listed by PS3.15, and not listed
    "StudyDescription": "LO", "SeriesDescription": "LO", "ImageComments": "LT", "ProtocolName": "LO",
    "PatientComments": "LT", "AdditionalPatientHistory": "LT", "DerivationDescription": "ST", "TextValue": "UT",
    "UnformattedTextValue": "ST", "SegmentDescription": "ST", "SegmentLabel": "LO", "LUTExplanation": "LO",
    "ROIName": "LO", "ROIDescription": "ST", "TrackingID": "UT", "AnnotationGroupLabel": "LO", "FrameComments": "LT",
    "HL7InstanceIdentifier": "ST", "PatientBirthDateInAlternativeCalendar": "LO", "CodeMeaning": "LO",
    "SequenceName": "SH", "KVP": "DS", "InstanceNumber": "IS", "ImageType": "CS", "BodyPartExamined": "CS",
    "StationName": "SH", "RetrieveAETitle": "AE", "RetrieveURL": "UR", "StationAETitle": "AE",
    "SecondaryReviewerName": "PN", "EvaluatorName": "PN", "OperatorsName": "PN", "PatientAge": "AS",
    "ExpiryDate": "DA", "AcquisitionTime": "TM", "ContainerIdentifier": "LO",
    "TargetFrameOfReferenceUID": "UI", "MultiFrameSourceSOPInstanceUID": "UI", "ContextUID": "UI",
    "CodingSchemeUID": "UI", "PaletteColorLookupTableUID": "UI", "FrameOfReferenceUID": "UI",
    "LUTData": "OW", "RedPaletteColorLookupTableData": "OW", "ICCProfile": "OB", "EncapsulatedDocument": "OB",
    "WaveformData": "OB", "MAC": "OB", "SelectorUNValue": "UN", "SpectroscopyData": "OF", "CertificateOfSigner": "OB",
}  # fmt: skip
"""Attributes of every representation, by keyword."""
HOLDERS = ("", "RequestAttributesSequence", "DerivationCodeSequence", "OriginalAttributesSequence",
           "ReferencedImageSequence", "PerFrameFunctionalGroupsSequence", "ContributingEquipmentSequence",
           "IconImageSequence", "ConceptNameCodeSequence", "MACParametersSequence", "SegmentSequence",
           "PatientOrientationCodeSequence/PatientOrientationModifierCodeSequence")  # fmt: skip
"""Sequences, at one level or two; the empty one is the data set itself."""


class Planted(NamedTuple):
    """What is planted."""

    where: str
    """For the message of a failure."""
    octets: bytes


def plant(data_set: Dataset, who: Subject, chance: Random) -> Planted:
    """Put one identifier, spelled and encoded by chance, into one place."""
    how = chance.choice(list(ENCODINGS))
    text = ENCODINGS[how](chance.choice(list(who.spellings())))
    holder = chance.choice(HOLDERS)
    if chance.random() < 0.2:
        return Planted(_private(_item_of(data_set, holder), text, chance, holder), text.encode("utf-8", "replace"))
    keyword = chance.choice(list(PLACES))
    octets = plant_at(data_set, holder, keyword, text, is_deflated=chance.random() < 0.3)
    return Planted(f"{holder or 'data set'} {keyword} {PLACES[keyword]} {how}", octets)


def plant_at(data_set: Dataset, holder: str, keyword: str, text: str, *, is_deflated: bool = False) -> bytes:
    """Put *text* into one attribute; into octets as they are, or deflated. Return its octets there."""
    vr = PLACES[keyword]
    value: object = text
    if vr in {"OB", "OW", "OF", "UN"}:
        octets = text.encode("utf-8", "replace")
        octets = zlib.compress(octets) if is_deflated else octets
        value = octets + b"\0" * (-len(octets) % 4)
    elif vr == "UI":
        text = value = f"1.3.6.{''.join(each for each in text if each.isdigit())[:20].lstrip('0') or '1'}"
    elif keyword == "ImageType" and not holder:
        value = f"ORIGINAL\\PRIMARY\\{text}"
    _put(_item_of(data_set, holder), Tag(keyword), vr, value)
    if isinstance(value, bytes):
        return value
    return text.encode("utf-8", "replace")


def _private(item: Dataset, text: str, chance: Random, holder: str) -> str:
    group, creator = chance.choice(
        [(0x0009, "GEMS_IDEN_01"), (0x0019, "SIEMENS MR HEADER"), (0x0029, "SIEMENS CSA HEADER"), (0x0013, "CTP")]
    )
    vr = chance.choice(["LO", "LT", "UN", "OB", "PN", "CS", "DS", "SH"])
    if chance.random() < 0.2:
        creator = text
    _put(item, Tag(group, 0x10), "LO", creator)
    value: object = text.encode("utf-8", "replace") if vr in {"UN", "OB"} else text
    _put(item, Tag(group, 0x1000 + chance.randrange(256)), vr, value)
    return f"{holder or 'data set'} private {creator != text} {vr}"


def _item_of(data_set: Dataset, holder: str) -> Dataset:
    for part in holder.split("/") if holder else ():
        tag = Tag(part)
        if tag not in data_set or not data_set[tag].value:
            _put(data_set, tag, "SQ", Sequence([Dataset()]))
        data_set = data_set[tag].value[0]
    return data_set


def _put(item: Dataset, tag: BaseTag, vr: str, value: object) -> None:
    from pydicom import config  # noqa: PLC0415  only for this one value

    raw = DataElement(tag, vr, value if vr in {"OB", "OW", "OF", "UN", "SQ"} else "", validation_mode=config.IGNORE)
    item.add(raw)
    if not isinstance(raw.value, (bytes, Sequence)):
        raw._value = PersonName(str(value)) if vr == "PN" else value
