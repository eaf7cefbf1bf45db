"""What becomes of instances by ``DicomConfig``."""

import base64
from collections.abc import Mapping
from io import BytesIO
from random import Random
from typing import Any

import numpy as np
import pydicom
import pytest

from adapters.deidentify.dicom.pixels.detector import shared_detector
from adapters.deidentify.dicom.pixels.redacting import RedactingHere
from adapters.deidentify.dicom.tree import Element, written
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.google.config import DateShiftConfig
from adapters.deidentify.google.keys import key_of
from adapters.deidentify.pseudonyms.dates import moved
from adapters.deidentify.pseudonyms.domains import Patient
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms
from tests.adapters.deidentify.dicom.made import CT, header, native, part10, tree_of
from tests.adapters.deidentify.dicom.pixels.planted import drawn
from tests.adapters.deidentify.google.support import CRYPTO_KEY, KEY, NO_MODEL, PSEUDONYMS, dicom, opened, text_of
from tests.dicom_files import shipped

NAME, NUMBER, BIRTH, STUDY_DATE, ACCESSION = 0x00100010, 0x00100020, 0x00100030, 0x00080020, 0x00080050
STUDY, SERIES, INSTANCE, IDENTITY_REMOVED = 0x0020000D, 0x0020000E, 0x00080018, 0x00120062
COMMENTS, DESCRIPTION, PRIVATE = 0x00204000, 0x00081030, 0x00091001
REFERENCED = Element(
    0x00081140,
    b"SQ",
    items=[[Element(0x00081150, b"UI", CT.encode()), Element(0x00081155, b"UI", b"1.3.46.1")]],
)
MORE = [
    REFERENCED,
    Element(DESCRIPTION, b"LO", b"Thorax"),
    Element(COMMENTS, b"LT", b"Seen on 2020-05-05, call 617-555-0199"),
    Element(0x00090010, b"LO", b"ACME"),
    Element(PRIVATE, b"LO", b"Thorax"),
    Element(0x60003000, b"OW", bytes(8)),
]


def made(config: dict[str, Any], *more: Element, redacts_fields: bool = False) -> Mapping[int, Element]:
    """Return the elements of an instance of Erika Musterfrau after its transformation."""
    file = part10(written(header(*MORE, *more), is_implicit=False))
    return tree_of(dicom({"dicom": config} if "dicom" not in config else config, file, redacts_fields=redacts_fields))


@pytest.mark.parametrize("name", ["StudyDescription", "00081030", "(0008,1030)"])
def test_keep_list(name: str) -> None:
    """What is in the list stays, with what an instance needs; everything else goes."""
    found = made({"keepList": {"tags": [name]}})
    assert text_of(found, DESCRIPTION) == "Thorax"
    assert not {NAME, NUMBER, BIRTH, STUDY_DATE, COMMENTS, PRIVATE, 0x00081140, 0x60003000} & found.keys()
    assert text_of(found, 0x00080016) == CT
    assert text_of(found, STUDY) == PSEUDONYMS.uid("1.3.46.2")
    assert text_of(found, IDENTITY_REMOVED) == "NO"


def test_keep_list_of_a_sequence() -> None:
    """An element inside a sequence stays only if it is in the list as well; its UID becomes that of the instance."""
    found = made({"keepList": {"tags": ["ReferencedImageSequence", "ReferencedSOPInstanceUID"]}})
    (item,) = found[0x00081140].items or []
    assert [(each.tag, each.value.strip(b"\0").decode()) for each in item] == [(0x00081155, text_of(found, INSTANCE))]


def test_remove_list() -> None:
    """What is in the list goes, with overlays and private elements; everything else stays."""
    found = made({"removeList": {"tags": ["PatientBirthDate", "00081030"]}})
    assert not {BIRTH, DESCRIPTION, PRIVATE, 0x60003000} & found.keys()
    assert text_of(found, NAME) == "Musterfrau^Erika"
    assert text_of(found, STUDY_DATE) == "20200505"
    assert text_of(found, INSTANCE) == PSEUDONYMS.uid("1.3.46.1")


def test_excluded_in_another_form() -> None:
    """A date that is not inspected stays if it is one; a name in its place does not."""
    config = {
        "dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"},
        "text": {"excludeInfoTypes": ["DATE", "AGE", "LOCATION", "ORGANIZATION_NAME"]},
    }
    wrong = [Element(BIRTH, b"DA", b"Musterfrau"), Element(0x00101010, b"AS", b"Musterfrau")]
    found = made(config, *wrong, redacts_fields=True)
    assert text_of(found, STUDY_DATE) == "20200505"
    assert (text_of(found, BIRTH), text_of(found, 0x00101010)) == ("", "")


def test_what_is_removed_is_searched_for() -> None:
    """An element that stays goes as well if it contains a value that was removed."""
    found = made({"removeList": {"tags": ["PatientName"]}}, Element(COMMENTS, b"LT", b"Frau Musterfrau is well"))
    assert b"usterfrau" not in b"".join(each.value for each in found.values())
    assert text_of(found, DESCRIPTION) == "Thorax"
    kept = made({"filterProfile": "KEEP_ALL_PROFILE"}, Element(COMMENTS, b"LT", b"Frau Musterfrau is well"))
    assert text_of(kept, COMMENTS) == "Frau Musterfrau is well"


def test_regenerated_uids_are_searched_for() -> None:
    """A UID that was regenerated does not stay in a text."""
    comment = Element(COMMENTS, b"LT", b"study 1.3.46.2 of today")
    found = made({"filterProfile": "KEEP_ALL_PROFILE"}, comment)
    assert b"1.3.46.2" not in b"".join(each.value for each in found.values())
    assert b"1.3.46.2" in made({"skipIdRedaction": True}, comment)[COMMENTS].value


@pytest.mark.parametrize("config", [{}, {"filterProfile": "TAG_FILTER_PROFILE_UNSPECIFIED"}])
def test_keep_all(config: dict[str, Any]) -> None:
    """Without a list or a profile every element stays, and the instance says that its identity is not removed."""
    found = made(config)
    assert text_of(found, NAME) == "Musterfrau^Erika"
    assert text_of(found, IDENTITY_REMOVED) == "NO"
    assert 0x00120064 not in found


def test_minimal() -> None:
    """Only what is needed to store and read the instance stays."""
    found = made({"filterProfile": "MINIMAL_KEEP_LIST_PROFILE"})
    assert found.keys() == {0x00080016, INSTANCE, STUDY, SERIES, IDENTITY_REMOVED, 0x00120063}


@pytest.mark.parametrize("config", [{"dicom": {"filterProfile": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}},
                                    {"dicom": None}])  # fmt: skip
def test_basic(config: dict[str, Any]) -> None:
    """The basic profile, which also applies where the configuration has no ``dicom``: no name and no date."""
    found = made(config)
    assert text_of(found, NAME) != "Musterfrau^Erika"
    assert not text_of(found, BIRTH)
    assert not text_of(found, STUDY_DATE)
    assert text_of(found, IDENTITY_REMOVED) == "YES"
    assert text_of(found, STUDY) == PSEUDONYMS.uid("1.3.46.2")


def test_skip_id_redaction() -> None:
    """The three UIDs and that of the File Meta Information stay, by every list and profile."""
    configs: list[dict[str, Any]] = [
        {"keepList": {"tags": []}},
        {"filterProfile": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"},
        {"removeList": {"tags": ["PatientName"]}},
    ]
    for config in configs:
        file = dicom({"dicom": {**config, "skipIdRedaction": True}}, native(bytes(16)))
        found = tree_of(file)
        assert [text_of(found, each) for each in (INSTANCE, STUDY, SERIES)] == ["1.3.46.1", "1.3.46.2", "1.3.46.3"]
        assert b"1.3.46.1" in file[:400]


def test_tag_contents() -> None:
    """What a model would have to read is removed as a whole; names, dates and ages by their transformations."""
    text = {
        "additionalTransformations": [
            {"infoTypes": ["PERSON_NAME"], "cryptoHashConfig": {"cryptoKey": CRYPTO_KEY}},
            {"infoTypes": ["DATE"], "dateShiftConfig": {"cryptoKey": CRYPTO_KEY}},
        ]
    }
    config = {"dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"}, "text": text}
    found = made(config, Element(0x00101010, b"AS", b"066Y"), redacts_fields=True)
    assert len(base64.b64decode(text_of(found, NAME) or "")) == 32
    assert [text_of(found, each) for each in (NUMBER, DESCRIPTION, COMMENTS, 0x00101010)] == ["", "", "", ""]
    dates = KeyedPseudonyms(key_of(DateShiftConfig(crypto_key=CRYPTO_KEY), KEY, ""))
    assert text_of(found, STUDY_DATE) == moved("20200505", dates.shift(Patient("", "MRN7423501")))
    assert text_of(found, 0x00080060) == "CT"


def test_tag_contents_by_form() -> None:
    """Without the infoTypes of a model, what is found in a text is transformed, and the rest of it stays."""
    text = {"excludeInfoTypes": NO_MODEL, "additionalTransformations": [{"replaceWithInfoTypeConfig": {}}]}
    found = made({"dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"}, "text": text})
    assert text_of(found, COMMENTS) == "Seen on [DATE], call [PHONE_NUMBER]"
    assert text_of(found, DESCRIPTION) == "Thorax"
    assert text_of(found, STUDY_DATE) == ""


def test_names_that_are_excluded() -> None:
    """Where names are not to be transformed they stay, in every element."""
    physician = Element(0x00080090, b"PN", b"House^Gregory")
    text = {"excludeInfoTypes": [*NO_MODEL, "DATE"]}
    study = Element(0x00200010, b"SH", b"STUDY12")
    found = made({"dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"}, "text": text}, physician, study)
    assert [text_of(found, each) for each in (NAME, 0x00080090, 0x00200010, STUDY_DATE)] == [
        "Musterfrau^Erika",
        "House^Gregory",
        "STUDY12",
        "20200505",
    ]


def test_several_values() -> None:
    """Each value is transformed; where nothing is left, the element is empty."""
    text = {"excludeInfoTypes": NO_MODEL, "additionalTransformations": [{"replaceWithInfoTypeConfig": {}}]}
    config = {"dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"}, "text": text}
    found = made(
        config, Element(0x00081030, b"LO", b"Thorax\\a@b.org"), Element(0x00080012, b"DA", b"20200101\\20200102")
    )
    assert text_of(found, DESCRIPTION) == "Thorax\\[EMAIL_ADDRESS]"
    assert text_of(found, 0x00080012) == ""


REAL = [
    "CT_small.dcm",
    "MR_small.dcm",
    "JPEG2000.dcm",
    "rtplan.dcm",
    "ExplVR_BigEnd.dcm",
    "image_dfl.dcm",
]


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize(
    "config",
    [
        {"keepList": {"tags": ["Modality", "PatientSex", "SeriesDescription"]}},
        {"removeList": {"tags": ["PatientName", "PatientID", "PatientBirthDate"]}},
        {"filterProfile": "MINIMAL_KEEP_LIST_PROFILE"},
        {"filterProfile": "KEEP_ALL_PROFILE"},
        {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"},
    ],
    ids=lambda config: next(iter(config.values())) if "filterProfile" in config else next(iter(config)),
)
def test_real_files(name: str, config: dict[str, Any]) -> None:
    """A real instance is still one that pydicom reads, with its pixels, and other UIDs."""
    original = shipped(name).read_bytes()
    before = pydicom.dcmread(BytesIO(original), force=True)
    after = pydicom.dcmread(BytesIO(dicom({"dicom": config}, original, redacts_fields=True)))
    assert after.SOPInstanceUID == after.file_meta.MediaStorageSOPInstanceUID != before.SOPInstanceUID
    assert after.get("Rows") == before.get("Rows")
    assert ("PixelData" in after) == ("PixelData" in before)
    if "KEEP_ALL_PROFILE" not in config.values():
        assert not after.get("PatientName")
    assert not [each for each in after.iterall() if each.tag.is_private]


def test_text_beyond_ascii() -> None:
    """A text of another character set stays as it is where nothing is found in it, and otherwise goes."""
    latin = Element(0x00080005, b"CS", b"ISO_IR 100")
    config = {"dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"}, "text": {"excludeInfoTypes": NO_MODEL}}
    assert made(config, latin, Element(DESCRIPTION, b"LO", "Schädel".encode("latin-1")))[DESCRIPTION].value.startswith(
        "Schädel".encode("latin-1")
    )
    found = made(config, latin, Element(DESCRIPTION, b"LO", "Schädel 2020-05-05".encode("latin-1")))
    assert text_of(found, DESCRIPTION) == ""


def test_dates_of_a_study() -> None:
    """Without a patient's number dates are moved by the study."""
    text = {"additionalTransformations": [{"infoTypes": ["DATE"], "dateShiftConfig": {"cryptoKey": CRYPTO_KEY}}]}
    config = {"dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"}, "text": text}
    file = part10(written(header(without=[NUMBER]), is_implicit=False))
    dates = KeyedPseudonyms(key_of(DateShiftConfig(crypto_key=CRYPTO_KEY), KEY, ""))
    found = tree_of(dicom(config, file, redacts_fields=True))
    assert text_of(found, STUDY_DATE) == moved("20200505", dates.shift_of_study("1.3.46.2"))


@pytest.mark.parametrize("mode", ["REDACT_ALL_TEXT", "REDACT_SENSITIVE_TEXT"])
def test_images_are_not_passed(mode: str) -> None:
    """An image of any sort in which text is to be redacted is held back without a detector."""
    config = {"dicom": {}, "image": {"textRedactionMode": mode}}
    with pytest.raises(HeldBackError, match="no detector of text is installed"):
        dicom(config, native(bytes(16)))


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["REDACT_ALL_TEXT", "REDACT_SENSITIVE_TEXT"])
def test_text_in_images(mode: str) -> None:
    """With the detector text is covered, whatever it says, also if the tags are kept; the rest of the image stays."""
    pytest.importorskip("rapidocr_onnxruntime")
    pixels = np.zeros((200, 320), np.uint8)
    pixels[150:180, 40:80] = 90
    _, ink = drawn("MUELLER, ANNA 04/11/1961", 16, Random(1))
    pixels[40 : 40 + ink.shape[0], 30 : 30 + ink.shape[1]] = 255 * ink
    file = native(pixels.tobytes(), rows=200, columns=320)
    kept = {"dicom": {"filterProfile": "KEEP_ALL_PROFILE"}, "image": {"textRedactionMode": mode}}
    after = pydicom.dcmread(BytesIO(dicom(kept, file, redacting=RedactingHere(shared_detector)))).pixel_array
    assert after[:100].max() == 0
    assert (after[100:] == pixels[100:]).all()


def test_images_that_are_left_alone() -> None:
    """Without a redaction the pixels stay as they are, and the identity counts as not removed."""
    basic = {"filterProfile": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}
    pixels = bytes(range(16))
    file = dicom({"dicom": basic, "image": {"textRedactionMode": "REDACT_NO_TEXT"}}, native(pixels))
    assert file.endswith(pixels)
    assert text_of(tree_of(file), IDENTITY_REMOVED) == "NO"


def test_the_manifest_has_the_report() -> None:
    """What is stricter than the documentation is in the manifest."""
    dialect = opened({"dicom": {}})
    manifest = dialect.manifest("k")
    assert manifest.policy.startswith("Google DeidentifyConfig v1 ")
    assert any(each.startswith("dicom.filterProfile: every element stays") for each in manifest.notes)
