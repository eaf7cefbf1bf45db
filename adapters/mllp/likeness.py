"""What the octets look like that stand where an MLLP block should begin, in words that reveal none of them."""

from adapters.mllp.events import Broken, Fault, OctetClass

LINE_FEED = "a block that begins with LF (0x0A)"
NO_FRAMING = "HL7 without MLLP framing"
HTTP = "HTTP"
DICOM = "DICOM"
OF_CLASS = {
    OctetClass.CONTROL: "a control character",
    OctetClass.DIGIT: "a digit",
    OctetClass.LETTER: "a letter",
    OctetClass.PUNCTUATION: "a punctuation mark",
    OctetClass.NOT_ASCII: "an octet that is no ASCII",
}
EXPECTED = "0x0B, the start of an MLLP block,"

_HEADERS = b"MSH", b"BHS", b"FHS"
_METHODS = b"GET ", b"POST ", b"PUT ", b"HEAD ", b"OPTIONS ", b"DELETE ", b"CONNECT ", b"PATCH "
_ASSOCIATE_RQ = b"\x01\0\0\0"  # PS3.8 9.3.2: the type, a reserved octet, and a length below 64 KiB


def looks_like(event: Broken) -> str | None:
    """Return what the octets of *event* look like; None if it is not about the start of a block."""
    if event.fault is not Fault.NO_START or event.octet is None:
        return None
    before, behind = event.around[:1], event.around[1:]
    if behind.startswith(_HEADERS):
        return LINE_FEED if before == b"\n" else NO_FRAMING
    if behind.startswith(_METHODS):
        return HTTP
    return DICOM if behind.startswith(_ASSOCIATE_RQ) else OF_CLASS[event.octet]
