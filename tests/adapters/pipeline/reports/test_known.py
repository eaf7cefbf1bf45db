"""What a patient is known by is found in the rows of images, wherever it is, and in that of the report."""

from adapters.pipeline.reports.known import Known
from tests.adapters.pipeline.reports.made import report

IMAGE = {
    "PatientName": {"Alphabetic": "Musterfrau^Erika", "Ideographic": "山田"},
    "OtherPatientNames": [{"Alphabetic": "Lindqvist"}],
    "PatientID": "MRN7423501",
    "PatientBirthDate": "1954-03-07",
    "PatientTelephoneNumbers": ["030 5550199"],
    "StudyInstanceUID": "1.2.3.4.5.6",
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
    "StudyDate": "2021-03-04",
    "AcquisitionDateTime": "2021-03-05T10:00:00Z",
    "Modality": "CT",
    "OperatorsName": None,
    "RequestAttributesSequence": [{"RequestedProcedureID": "RP778", "ScheduledProcedureStepDescription": "head"}],
    "Metadata": {
        "00101000": {"vr": "LO", "Value": ["OLD55"]},
        "00080012": {"vr": "DA", "Value": ["20210306x"]},
        "00400275": {"vr": "SQ", "Value": [{"00401001": {"vr": "SH", "Value": ["RP779"]}}]},
        "00080090": {"vr": "PN", "Value": [{"Alphabetic": "Arzt^A"}]},
    },
    "OtherElements": [{"Tag": "00091001", "Data": ['{"Alphabetic":"Geheim^G"}', "19991231", "text"]}],
}


def test_image() -> None:
    """All of the header, at every depth, also what fits no column."""
    known = Known()
    known.add_image(IMAGE)
    assert {"Musterfrau^Erika", "山田", "Lindqvist", "Arzt^A", "Geheim^G"} == known.names
    assert {"MRN7423501", "RP778", "OLD55", "RP779"} == known.numbers
    assert {"030 5550199"} == known.telephones
    assert {"1954-03-07"} == known.births
    assert {"2021-03-04", "2021-03-05", "2021-03-06", "1999-12-31"} == known.days
    assert {"1.2.3.4.5.6"} == known.uids


def test_report() -> None:
    """The numbers of a report's row, its date, and the columns that the settings name."""
    known = Known()
    known.add_report(
        report(
            "r1",
            "ACC77",
            patient="P77",
            study="1.2.3.4.5",
            report_date="2021-03-04",
            known={"names": ["Doe"], "numbers": ["X9"], "telephones": ["5550199"], "births": ["1954-03-07", "7.3.54"]},
        )
    )
    assert {"ACC77", "P77", "7.3.54"} == known.numbers
    assert ({"Doe"}, {"5550199"}, {"1954-03-07"}) == (known.names, known.telephones, known.births)
    assert ({"2021-03-04"}, {"1.2.3.4.5"}) == (known.days, known.uids)


def test_own() -> None:
    """What is known is found in texts."""
    known = Known()
    assert not known
    known.add_image(IMAGE)
    assert known
    own = known.own()
    for text in (
        "Frau Musterfrau kam",
        "Nr. 7423501",
        "Tel. 5550199",
        "geb. 7.3.1954",
        "am 4. März 2021",
        "1.2.3.4.5.6",
    ):
        assert own.is_in(text), text
    assert not own.is_in("CT head of 5 March 2020")
