"""The rules of lists and profiles, and their mistakes. What they do to instances is in test_dicom.py."""

from typing import Any

import pytest

from adapters.deidentify.dicom.rules import Action
from adapters.deidentify.google.config import DicomConfig
from adapters.deidentify.google.dicom_rules import AllBut, BasicRules, ListRules, rules_of
from adapters.deidentify.google.transformations import Transformations

CT = "1.2.840.10008.5.1.4.1.1.2"


def made(**config: Any) -> ListRules | BasicRules:
    """Return the rules of a configuration."""
    return rules_of(DicomConfig.model_validate(config), Transformations(excluded=frozenset({"DATE"})))


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"keepList": {}, "removeList": {}}, "dicom: `keepList` and `removeList` contradict each other; keep one"),
        ({"keepList": {}, "filterProfile": "KEEP_ALL_PROFILE"}, "dicom: `keepList` and `filterProfile` contradict"),
        ({"keepList": {"tags": ["Patient"]}}, r"dicom.keepList.tags\[0\]: is neither a keyword"),
        ({"keepList": {"tags": ["00091001"]}}, "dicom.keepList.tags: names a private element"),
        (
            {"removeList": {"tags": ["StudyInstanceUID", "Rows", "TransferSyntaxUID"]}},
            "dicom.removeList.tags: an instance needs TransferSyntaxUID, StudyInstanceUID, Rows; remove that",
        ),
    ],
)
def test_mistakes(config: dict[str, Any], problem: str) -> None:
    """What cannot be done is told with its path and its mend."""
    with pytest.raises(ValueError, match=problem):
        made(**config)


def test_private_elements_may_be_removed() -> None:
    """A private element in the list of what goes is no mistake: it goes."""
    assert isinstance(made(removeList={"tags": ["00091001"]}), ListRules)


@pytest.mark.parametrize(
    ("tag", "vr", "action"),
    [
        (0x00100010, b"PN", Action.KEEP),
        (0x00080000, b"UL", Action.REMOVE),
        (0x60000010, b"US", Action.REMOVE),
        (0x50003000, b"OW", Action.REMOVE),
        (0x00420011, b"OB", Action.REMOVE),
        (0x00282000, b"OB", Action.REMOVE),
        (0x00281201, b"OW", Action.KEEP),
        (0x00081140, b"SQ", Action.ITEMS),
        (0x00081155, b"UI", Action.UID),
        (0x00081150, b"UI", Action.KEEP),
        (0x00200052, b"UI", Action.UID),
    ],
)
def test_keep_all(tag: int, vr: bytes, action: Action) -> None:
    """Where everything stays, overlays, curves and unknown octets still go, and UIDs of instances change."""
    assert made().action(tag, vr, CT, ()) is action


def test_skip_id_redaction() -> None:
    """Three UIDs stay; by a list every UID does, by the basic profile the others change."""
    kept, basic = made(skipIdRedaction=True), made(
        skipIdRedaction=True, filterProfile="ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"
    )  # fmt: skip
    for tag in (0x0020000D, 0x0020000E, 0x00080018):
        assert kept.action(tag, b"UI", CT, ()) is basic.action(tag, b"UI", CT, ()) is Action.KEEP
        assert tag in kept.retained
        assert tag in basic.retained
    assert kept.action(0x00200052, b"UI", CT, ()) is Action.KEEP
    assert basic.action(0x00200052, b"UI", CT, ()) is Action.UID


def test_inspected() -> None:
    """DEIDENTIFY_TAG_CONTENTS looks into the eleven representations of the documentation, and no other."""
    rules = made(filterProfile="DEIDENTIFY_TAG_CONTENTS")
    inspected = {
        vr for vr in (b"AE", b"LO", b"LT", b"PN", b"SH", b"ST", b"UC", b"UT", b"DA", b"DT", b"AS", b"CS", b"TM", b"DS")
        if rules.action(0x00104000, vr, CT, ()) is Action.DUMMY
    }  # fmt: skip
    assert inspected == {b"AE", b"LO", b"LT", b"PN", b"SH", b"ST", b"UC", b"UT", b"DA", b"DT", b"AS"}


def test_retained() -> None:
    """What stays as it is is not searched for: not what a list removes, a UID that changes, or what is transformed."""
    patient_name, study_date, comments, frame = 0x00100010, 0x00080020, 0x00204000, 0x00200052
    kept = made(keepList={"tags": ["PatientName"]}).retained
    assert patient_name in kept
    assert study_date not in kept
    everything = made().retained
    assert [each in everything for each in (patient_name, study_date, frame)] == [True, True, False]
    assert frame in made(skipIdRedaction=True).retained
    inspected = made(filterProfile="DEIDENTIFY_TAG_CONTENTS").retained
    assert [each in inspected for each in (patient_name, study_date, comments)] == [False, True, False]
    assert 0x00080060 in inspected


def test_all_but() -> None:
    """Everything is in it but what it names."""
    assert 1 in AllBut({2})
    assert 2 not in AllBut({2})
