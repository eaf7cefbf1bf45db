"""Where the resources of a message come from."""

from adapters.fhir.context import Options
from adapters.fhir.convert import Conversion, convert
from adapters.fhir.report import LeftOut, Reason
from tests.adapters.fhir.making import BERLIN, PID, PV1, made, message, only, resources

EVN = "EVN|A01|20240501|20240502|02^Order|9^Doe^Jim^^^^^^HOSP&1.2.3&ISO|202404301015|Main^1.2.3^ISO"


def test_provenance() -> None:
    """A Provenance names every resource, the sender and the message."""
    found = made(PID, PV1)
    provenance = only(found, "Provenance")
    assert (2, "2024-05-01T10:15:00+02:00", "C1") == (
        len(provenance["target"]),
        provenance["recorded"],
        provenance["entity"][0]["what"]["identifier"]["value"],
    )


def test_activity() -> None:
    """The activity is the event, and the type of the message."""
    activity = only(made(PID), "Provenance")["activity"]
    assert ("A01", "ADT^A01") == (activity["coding"][0]["code"], activity["text"])


def test_event() -> None:
    """EVN says why and when it happened, where, and who entered it, who is a target too."""
    found = made(EVN, PID)
    provenance = only(found, "Provenance")
    assert ("TREAT", "2024-04-30T10:15:00+02:00", "Main", "Jim Doe", 2) == (
        provenance["reason"][0]["coding"][0]["code"],
        provenance["occurredDateTime"],
        provenance["location"]["display"],
        provenance["agent"][2]["who"]["display"],
        len(provenance["target"]),
    )
    assert {"EVN-3", "EVN-7.2", "EVN-7.3"} == {each.place for each in found.report}


def test_written_as_a_whole() -> None:
    """A Provenance is written as a whole: a deleted value needs no mark."""
    (entry,) = (each.entry() for each in made('EVN|A01|||""', PID).bundle if each.kind == "Provenance")
    assert "extension" not in entry


def test_recorded() -> None:
    """Where MSH-7 is not whole, EVN-2 says when it was recorded."""
    found = convert(message("EVN|A01|20240502101530", PID, time="202405011015"), BERLIN)
    assert isinstance(found, Conversion)
    assert "2024-05-02T10:15:30+02:00" == only(found, "Provenance")["recorded"]
    assert () == found.report


def test_no_provenance() -> None:
    """Without a whole time in MSH-7 there is no Provenance, which is reported."""
    found = convert(message(PID, time="20240501"), BERLIN)
    assert isinstance(found, Conversion)
    assert [] == resources(found, "Provenance")
    assert LeftOut("MSH-7", Reason.NOT_WHOLE) in found.report


def test_of_two_patients() -> None:
    """A number of a message that is used again for another patient is another message."""
    using = Options(zone=BERLIN.zone, keep_source=True)
    first, second = (
        {each.url for each in made(pid, options=using).bundle if each.kind != "Patient"}
        for pid in (PID, PID.replace("|7^", "|9^"))
    )
    assert (2, set()) == (len(first), first & second)
