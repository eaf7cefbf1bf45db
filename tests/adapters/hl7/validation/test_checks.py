"""The findings for mistakes."""

from adapters.hl7.acknowledgement import CONDITIONS
from adapters.hl7.validation import checks
from adapters.hl7.validation.reading import Place
from gateway.contract.outcome import Finding

PLACE = Place("PID", 2, 5, 1)


def test_findings() -> None:
    """Each finding names its place and has a code of table 0357."""
    found = [
        checks.missing_segment("PV1", 2),
        checks.unexpected_segment("PV1", 1),
        checks.unknown_segment(4),
        checks.missing_field(PLACE),
        checks.repeated(PLACE),
        checks.wrong_datatype(PLACE, "DTM"),
        checks.not_in_table(PLACE, "0200"),
    ]
    assert [
        Finding("100", "PV1[2] is required and missing", "PV1^2"),
        Finding("100", "PV1 is not allowed at this position", "PV1^1"),
        Finding("100", "Segment 4 of the message has a name that its version does not know"),
        Finding("101", "PID[2]-5 is required and missing", "PID^2^5^1"),
        Finding("102", "PID[2]-5 is one repetition too many", "PID^2^5^1"),
        Finding("102", "PID[2]-5 is not a valid DTM", "PID^2^5^1"),
        Finding("103", "PID[2]-5 is not in HL7 table 0200", "PID^2^5^1"),
    ] == found
    assert {each.code for each in found} <= CONDITIONS.keys()
