"""What a C-STORE-RQ says of its instance: the Part 10 header (PS3.10 7.1) before the data set, and the facts."""

from struct import Struct

from adapters.dimse.protocol.command import Request
from adapters.dimse.protocol.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from adapters.dimse.protocol.negotiation import Context

SHORT_ELEMENT = Struct("<HH2sH")  # Explicit VR Little Endian, PS3.5 table 7.1-2
FILE_META_VERSION = Struct("<HH2sxxL2s").pack(2, 0x0001, b"OB", 2, b"\0\1")
GROUP_LENGTH = Struct("<HH2sHL")


def part10_header(request: Request, context: Context, calling_ae_title: str) -> bytes:
    """Return preamble, prefix and File Meta Information of the instance that *request* stores."""
    return header_of(request.sop_class_uid, request.sop_instance_uid, context.transfer_syntax, calling_ae_title)


def header_of(sop_class_uid: str, sop_instance_uid: str, transfer_syntax: str, calling_ae_title: str = "") -> bytes:
    """Return preamble, prefix and File Meta Information of an instance."""
    group = b"".join(
        (
            FILE_META_VERSION,
            _element(0x0002, b"UI", sop_class_uid, b"\0"),
            _element(0x0003, b"UI", sop_instance_uid, b"\0"),
            _element(0x0010, b"UI", transfer_syntax, b"\0"),
            _element(0x0012, b"UI", IMPLEMENTATION_CLASS_UID, b"\0"),
            _element(0x0013, b"SH", IMPLEMENTATION_VERSION_NAME, b" "),
            _element(0x0016, b"AE", calling_ae_title, b" ") if calling_ae_title else b"",
        )
    )
    return bytes(128) + b"DICM" + GROUP_LENGTH.pack(2, 0x0000, b"UL", 4, len(group)) + group


def _element(element: int, vr: bytes, text: str, padding: bytes) -> bytes:
    value = text.encode("ascii")
    value += padding * (len(value) % 2)
    return SHORT_ELEMENT.pack(2, element, vr, len(value)) + value


def facts_of(
    request: Request, context: Context, titles: tuple[str, str], listener: str, peer_ip: str
) -> dict[str, str]:
    """Return what routes may read of the instance; *titles* are the calling and the called one."""
    facts = {
        "protocol": "dimse",
        "listener": listener,
        "peer_ip": peer_ip,
        "calling_ae_title": titles[0],
        "called_ae_title": titles[1],
        "sop_class_uid": request.sop_class_uid,
        "transfer_syntax_uid": context.transfer_syntax,
    }
    return {name: value for name, value in facts.items() if value}
