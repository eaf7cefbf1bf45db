"""Elements in sequences, of the objects that have them, and private elements."""

from adapters.deidentify.dicom.tree import Element, Item
from tests.adapters.deidentify.judge.places.place import After, Place, at, file, holder, leaf, tag

R, E, P, C = After.REMOVED, After.EMPTIED, After.REPLACED, After.CLEANED
SR, KO, PR, SEG, RT, ANN, ECG = (
    f"1.2.840.10008.5.1.4.1.1.{each}" for each in ("88.22", "88.59", "11.1", "66.4", "481.3", "91.1", "9.1.1")
)


def _of_type(kind: bytes) -> Item:
    """Return what stands beside the value of an item of a report."""
    code = [leaf("CodeValue", b"121106"), leaf("CodingSchemeDesignator", b"DCM "), leaf("CodeMeaning", b"Comment ")]
    return [leaf("ValueType", kind), holder("ConceptNameCodeSequence", code)]


def in_report(name: str, path: str, after: After, beside: Item | None = None) -> Place:
    """Return the place in a structured report, which only passes with the option that cleans it."""
    return at(name, path, after, sop_class=SR, options=("clean_structured_content",), beside=beside)


IN_SEQUENCES = [
    at("the old values of attributes (Original Attributes)",
       "OriginalAttributesSequence/ModifiedAttributesSequence/PatientName", R),
    at("who else worked on it (Contributing Equipment)", "ContributingEquipmentSequence/InstitutionName", R),
    at("the order (Request Attributes)", "RequestAttributesSequence/RequestedProcedureDescription", R),
    at("a signature (MAC Parameters)", "MACParametersSequence/MACAlgorithm", R, "LO"),
    at("a certificate (Digital Signatures)", "DigitalSignaturesSequence/CertificateOfSigner", R),
    at("a small image (Icon Image)", "IconImageSequence/PixelData", R, "OW"),
    at("a comment of each frame",
       "PerFrameFunctionalGroupsSequence/FrameContentSequence/FrameComments", R),
    at("who gave the number of the patient", "OtherPatientIDsSequence/IssuerOfPatientIDQualifiersSequence/"
       "UniversalEntityID", R),
    at("a patient who is referred to", "ReferencedPatientSequence/ReferencedSOPInstanceUID", R),
    at("an image that is referred to", "ReferencedImageSequence/ReferencedSOPInstanceUID", P),
    at("the meaning of a code", "AnatomicRegionSequence/CodeMeaning", C),
    at("the value of a code", "AnatomicRegionSequence/CodeValue", C),
    at("two sequences deep", "AnatomicRegionSequence/AnatomicRegionModifierSequence/CodeMeaning", C),
    at("the reason of a study, as a code", "RequestAttributesSequence/ReasonForRequestedProcedureCodeSequence/"
       "CodeMeaning", R),
]  # fmt: skip
OF_OBJECTS = [
    in_report("report: a person", "ContentSequence/PersonName", P, beside=_of_type(b"PNAME ")),
    in_report("report: a text", "ContentSequence/TextValue", C, beside=_of_type(b"TEXT")),
    in_report("report: a UID", "ContentSequence/UID", P, beside=_of_type(b"UIDREF")),
    in_report("report: a day", "ContentSequence/Date", P, beside=_of_type(b"DATE")),
    in_report("report: a day and time", "ContentSequence/DateTime", P, beside=_of_type(b"DATETIME")),
    in_report("report: the meaning of a code", "ContentSequence/ConceptCodeSequence/CodeMeaning", C),
    in_report("report: evidence", "CurrentRequestedProcedureEvidenceSequence/ReferencedSeriesSequence/"
       "ReferencedSOPSequence/ReferencedSOPInstanceUID", P),
    in_report("report: who verified it", "VerifyingObserverSequence/VerifyingObserverName", P),
    at("report without the option that cleans it", "ContentSequence/TextValue", After.HELD_BACK, sop_class=SR),
    at("key objects: why they are key", "ContentSequence/TextValue", After.HELD_BACK, sop_class=KO),
    at("presentation state: a text on the image",
       "GraphicAnnotationSequence/TextObjectSequence/UnformattedTextValue", P, sop_class=PR),
    at("presentation state: its description", "ContentDescription", C, sop_class=PR),
    at("segmentation: the name of a segment", "SegmentSequence/SegmentLabel", C, sop_class=SEG),
    at("segmentation: its description", "SegmentSequence/SegmentDescription", C, sop_class=SEG),
    at("segmentation: an identifier that follows a lesion", "SegmentSequence/TrackingID", C, sop_class=SEG),
    at("structure set: the name of a region", "StructureSetROISequence/ROIName", E, sop_class=RT),
    at("structure set: its description", "StructureSetROISequence/ROIDescription", R, sop_class=RT),
    at("annotations of a slide: the name of a group", "AnnotationGroupSequence/AnnotationGroupLabel", P, sop_class=ANN),
    at("waveform: the name of a channel", "WaveformSequence/ChannelDefinitionSequence/ChannelLabel", C, sop_class=ECG),
    at("waveform: an annotation", "WaveformAnnotationSequence/UnformattedTextValue", After.HELD_BACK, sop_class=ECG),
    at("encrypted attributes", "EncryptedAttributesSequence/EncryptedContent", After.HELD_BACK),
]  # fmt: skip


def _private(creator: bytes, number: int, vr: bytes, group: int = 0x0009) -> Place:
    name = f"private: {vr.decode()} of {creator.decode() or 'a block without a creator'}"
    mark = [Element(group << 16 | 0x10, b"LO", creator)] if creator else []
    at_tag = group << 16 | 0x1000 | number
    return Place(name, lambda octets: file(*mark, Element(at_tag, vr, octets)), R, (at_tag,))


def _item_of_private(octets: bytes) -> bytes:
    inner = [leaf("PatientComments", octets)]
    return file(Element(0x00090010, b"LO", b"ACME 1.1"), Element(0x00091001, b"SQ", items=[inner]))


def _deep_private(octets: bytes) -> bytes:
    inner = [Element(0x00090010, b"LO", b"ACME 1.1"), Element(0x00091001, b"LO", octets)]
    return file(
        holder("AnatomicRegionSequence", sorted([*inner, leaf("CodeValue", b"T-1")], key=lambda each: each.tag))
    )


def _creator(octets: bytes) -> bytes:
    return file(Element(0x00090010, b"LO", octets), Element(0x00091001, b"US", b"\1\0"))


PRIVATE = [
    _private(b"ACME 1.1", 1, b"LO"),
    _private(b"ACME 1.1", 1, b"UN"),
    _private(b"", 1, b"LO"),
    _private(b"SIEMENS CSA HEADER", 0x10, b"OB", 0x0029),
    _private(b"GEMS_PATI_01", 0x10, b"SS", 0x0011),
    Place("private: the text of the creator", _creator, R, (0x00090010,)),
    Place("private: public elements in a private sequence", _item_of_private, R, (0x00091001,)),
    Place("private: in a public sequence", _deep_private, R, (tag("AnatomicRegionSequence"), 0x00091001)),
]
