"""What is known of a patient, from rows of ``dicom_metadata``."""

import pytest

from adapters.pipeline.gate.identifiers import Identifiers, of_row, of_rows

ROW = {
    "PatientName": {"Alphabetic": "Musterfrau^Erika", "Ideographic": "山田^太郎", "Phonetic": None},
    "PatientID": "7423501",
    "PatientBirthDate": "1954-03-07",
    "AccessionNumber": "AC-99881",
    "InstitutionName": "Klinik am See",
    "PatientTelephoneNumbers": ["+49 30 901820"],
    "OperatorsName": [{"Alphabetic": "Novak^Petr"}],
    "StudyInstanceUID": "1.2.840.99.7.1",
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
    "Modality": "CT",
    "Rows": 512,
    "RequestAttributesSequence": [{"RequestedProcedureID": "RP4711", "ScheduledProcedureStepID": None}],
    "hospital": "north",
}


def test_row() -> None:
    """Names in each spelling, numbers, dates, places and UIDs, at every depth; nothing that only describes."""
    found = of_row(ROW)
    assert found.names == {"Musterfrau^Erika", "山田^太郎", "Novak^Petr"}
    assert found.numbers == {"7423501", "AC-99881", "Klinik am See", "RP4711"}
    assert found.telephones == {"+49 30 901820"}
    assert found.dates == {"1954-03-07"}
    assert found.uids == {"1.2.840.99.7.1"}
    assert (len(found), bool(found)) == (10, True)


def test_rows() -> None:
    """The rows of one patient are taken together."""
    other = {"PatientName": {"Alphabetic": "Muster^E"}, "PatientID": "7423501"}
    assert of_rows([ROW, other]) == of_row(ROW) | of_row(other)
    assert len(of_rows([ROW, other]).names) == 4


def test_nothing() -> None:
    """A row without any has none, and what is too short to be searched for is none."""
    assert not Identifiers()
    assert not of_row({"Modality": "CT", "PatientID": "-", "PatientName": None, "SOPClassUID": None})


@pytest.mark.parametrize(
    "text",
    [
        "report of Erika Musterfrau",
        "MUSTERFRAU",
        "born 7 March 1954",
        "07.03.1954",
        "id 7423501",
        "acc ac 99881",
        "tel. 901820 in Klinik am See",
        "山田太郎",
        "dXMgTXVzdGVyZnJhdQ==",
        "1.2.840.99.7.1",
    ],
)
def test_own(text: str) -> None:
    """What searches for them finds them in the spellings that de-identification knows."""
    assert of_row(ROW).own().is_in(text)
    assert not of_row(ROW).own().is_in("no change since the last examination")
