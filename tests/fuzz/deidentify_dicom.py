"""The engine that de-identifies DICOM: any elements behind a header that names a patient, and any pixel data."""

from adapters.deidentify.dicom.file import FileDeidentifier
from adapters.deidentify.dicom.transform import DicomTransformer
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.pseudonyms.domains import Domain, Domains
from adapters.deidentify.pseudonyms.key import Key
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms
from adapters.deidentify.settings import DicomProfile
from adapters.dicom.encoding import Malformed
from tests.fuzz.source import Source, cut

PSEUDONYMS = KeyedPseudonyms(Key(b"k" * 32))
DOMAINS = Domains({}, Domain("hospital"))
PROFILES = (
    DicomProfile(pixels="keep"),
    DicomProfile(pixels="keep", options=(), unlisted_text="remove"),
    DicomProfile(
        pixels="keep",
        documents="drop",
        options=(
            "retain_longitudinal_modified_dates", "retain_safe_private", "clean_descriptors", "clean_graphics",
            "clean_structured_content", "retain_device_identity", "retain_institution_identity",
            "retain_patient_characteristics",
        ),
    ),
)  # fmt: skip
TRANSFORMERS = tuple(DicomTransformer(profile, PSEUDONYMS, DOMAINS) for profile in PROFILES)
SYNTAXES = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.5",
            "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.1.99")  # fmt: skip
GROUP_OF_PIXELS, UNDEFINED = b"\xe0\x7f", b"\xff" * 4
NAME, NUMBER = b"Kowalczyk", b"77123456"
HEADER = {
    0x00080016: (b"UI", b"1.2.840.10008.5.1.4.1.1.2\0"),
    0x00080018: (b"UI", b"1.3.6.1.4.1.9\0"),
    0x00100010: (b"PN", NAME + b" "),
    0x00100020: (b"LO", NUMBER),
    0x0020000D: (b"UI", b"1.3.6.1.4.1.99"),
}


def element(tag: int, vr: bytes, value: bytes, syntax: str) -> bytes:
    """Return a short element, in the transfer syntax."""
    order = "big" if syntax == SYNTAXES[2] else "little"
    head = (tag >> 16).to_bytes(2, order) + (tag & 0xFFFF).to_bytes(2, order)  # type: ignore[arg-type]
    if syntax == SYNTAXES[1]:
        return head + len(value).to_bytes(4, "little") + value
    return head + vr + len(value).to_bytes(2, order) + value  # type: ignore[arg-type]


def made(source: Source) -> bytes:
    """Return a file: the header of a patient, and octets of the fuzzer behind it."""
    syntax = source.choice(SYNTAXES)
    own = {tag: element(tag, vr, value, syntax) for tag, (vr, value) in HEADER.items()}
    meta = element(0x00020010, b"UI", syntax.encode() + b"\0" * (len(syntax) % 2), SYNTAXES[0])
    length = element(0x00020000, b"UL", len(meta).to_bytes(4, "little"), SYNTAXES[0])
    return bytes(128) + b"DICM" + length + meta + b"".join(own.values()) + source.rest()


def deidentified(transformer: DicomTransformer, file: bytes, sizes: bytes) -> tuple[list[bytes], Manifest] | None:
    """Return the pieces of the result, of which the first is the header; None if the object is held back."""
    manifest = Manifest("fuzz", "key")
    engine = FileDeidentifier(transformer, manifest)
    try:
        out = [bytes(each) for piece in (cut(file, sizes) if sizes else [file]) for each in engine.receive_data(piece)]
        out += [bytes(each) for each in engine.receive_end()]
    except (HeldBackError, Malformed) as error:
        reason = str(error)
    else:
        return out, manifest
    assert NAME.decode() not in reason
    assert NUMBER.decode() not in reason
    return None


def target(data: bytes) -> None:
    """De-identify the file whole and in pieces: the same octets, and neither they nor the manifest name anybody."""
    source = Source(data)
    transformer, sizes = source.choice(TRANSFORMERS), source.sizes()
    file = made(source)
    found = deidentified(transformer, file, sizes)
    again = deidentified(transformer, file, b"")
    assert (found is None) == (again is None)
    if found is None or again is None:
        return
    pieces, manifest = found
    out = b"".join(pieces)
    assert out == b"".join(again[0])
    # The octets of native pixels are the image: whether it shows a name is not looked at here.
    head = pieces[0]
    is_native = GROUP_OF_PIXELS in head[-12:] and not head.endswith(UNDEFINED)
    judged = head if is_native else out
    assert NAME not in judged
    assert NUMBER not in judged
    assert NAME.decode() not in repr(manifest)
