"""The edits of a data set: the same however it comes, done at once, and nothing else is touched."""

from collections.abc import Iterable

from adapters.dicom.edits import Edits
from adapters.dicom.elements import FrontReader
from adapters.dicom.encoding import Malformed
from adapters.dicom.file_editor import FileEditor
from adapters.dicom.settings import EditDicomSettings
from tests.adapters.dicom.instances import DEFLATED, SYNTAXES, part10, plain
from tests.fuzz.source import Source, cut

PATIENT, ACCESSION = 0x00100020, 0x00080050
SETTINGS = [
    EditDicomSettings.model_validate({"kind": "edit_dicom", "original_attributes": False} | each)
    for each in (
        {"set": {"PatientID": "NEW", "IssuerOfPatientID": "HOSP"}},
        {"set": {"RequestAttributesSequence.AccessionNumber": "A", "(0040,0275)[1].PatientName": "N"}},
        {"remove": ["PatientID", "ReferencedStudySequence", "(0040,0275)[0].AccessionNumber", '(0009,"A",10)']},
        {"keep_private": False, "set": {"Rows": 5}, "remove": ["(FFFC,FFFC)"]},
        {"set": {"PatientID": "NEW", "AnnotationPosition": 6}, "original_attributes": True},
    )
]


def target(data: bytes) -> None:
    """Take the octets as a data set, in every syntax and with some edits."""
    source = Source(data)
    sizes, chosen, syntax = source.sizes(), source.choice(SETTINGS), source.choice(SYNTAXES)
    file = part10(source.rest(), syntax)
    result = _edited(chosen, [file])
    assert result == _edited(chosen, cut(file, sizes))
    if result is not None and not chosen.keeps_originals:
        again = _edited(chosen, [result])
        assert again is not None
        assert plain(again) == plain(result)
    if syntax != DEFLATED:
        _check_nothing_fits(file, sizes)
    assert _read([file]) == _read(cut(file, sizes))


def _edited(chosen: EditDicomSettings, pieces: Iterable[bytes]) -> bytes | None:
    return _run(FileEditor(chosen.edits(), chosen.file_meta(), keeps_originals=chosen.keeps_originals), pieces)


def _run(editor: FileEditor, pieces: Iterable[bytes]) -> bytes | None:
    out = bytearray()
    try:
        for piece in pieces:
            for octets in editor.receive_data(piece):
                out += octets
        for octets in editor.receive_end():
            out += octets
    except Malformed:
        return None
    return bytes(out)


def _check_nothing_fits(file: bytes, sizes: bytes) -> None:
    """Check that edits of what is not there leave every octet."""
    nothing = Edits(below={0x00400275: {None: Edits(removed={0x0018FFFE})}, 0x00081110: {0: Edits()}})
    assert _run(FileEditor(nothing, {}, keeps_originals=False), cut(file, sizes)) in {None, file}


def _read(pieces: Iterable[bytes]) -> dict[int, str]:
    reader = FrontReader([PATIENT, ACCESSION])
    for piece in pieces:
        if reader.receive_data(piece):
            break
    return reader.values()
