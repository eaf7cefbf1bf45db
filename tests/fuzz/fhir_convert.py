"""The conversion to FHIR: any HL7 text is refused or becomes a valid bundle, and the report has no value in it."""

import json
import re
from zoneinfo import ZoneInfo

from adapters.fhir.context import Options
from adapters.fhir.convert import Conversion, convert
from adapters.fhir.report import TEXTS
from adapters.fhir.systems import Systems
from adapters.fhir.tables import Code
from gateway.contract.outcome import Refused
from tests.adapters.fhir.judges import judge
from tests.fuzz.er7_reader import CHARSETS
from tests.fuzz.source import Source

MAPS = {("", "L", "A"): Code("1-8", "http://loinc.org", ""), ("", "", "M"): Code("X", "urn:oid:1.2.3", "x")}
OPTIONS = (
    Options(),
    Options(ZoneInfo("America/New_York"), Systems({"H": "urn:oid:1.2.3"}), MAPS, ("PI",), account_is_visit=True),
    Options(ZoneInfo("UTC"), keep_source=True),
)
HEADERS = (
    b"",
    b"MSH|^~\\&|A|H|||20240501101500||ADT^A01|1|P|2.5\rPID|1||7^^^H\rPV1|1|I" + b"|" * 17 + b"V1\r",
    b"MSH|^~\\&|A|H|||20240501101500+0100||ADT^A40|1|P|2.5\rPID|1||7^^^H\rMRG|8^^^H\r",
    b"MSH|^~\\&|A|H|||20240501101500||ORU^R01|1|P|2.5\rPID|1||7^^^H\rORC|RE\rOBR|1|P|F|1^x^LN\r",
    b"MSH|^~\\&|A|H|||20240501101500||ORU^R01|1|P|2.5\rPID|1||7^^^H\rOBR|1|P|F|1^x^LN\rOBX|1|",
    b"MSH|^~\\&|A|H|||20240501101500||ADT^A08|1|P|2.5\rPID|1||",
    b"MSH|^~\\&|A|H|||20240501101500||OML^O21|1|P|2.5\rPID|1||7^^^H\rORC|NW|P1\rOBR|1|P1||1^x^LN\r",
    b"MSH|^~\\&|A|H|||20240501101500||ORM^O01|1|P|2.3\rPID|1||7^^^H\rORC|NW|P1|||||",
    b"MSH|^~\\&|A|H|||20240501101500||OMI^O23|1|P|2.5\rPID|1||7^^^H\rORC|NW|P1\rTQ1|1||",
    b"MSH|^~\\&|A|H|||20240501101500||MDM^T10|1|P|2.5\rPID|1||7^^^H\rTXA|1|DS||||||||||D1|D0\rOBX|1|TX|1^A||",
)
"""What the octets follow, so that they are fields of a message that is converted."""
LINE = re.compile(r"(?:[A-Z][A-Z0-9]{2}|\?\?\?)(?:\[\d+\])?-\d+(?:\[\d+\])?(?:\.\d+)?")


def target(data: bytes) -> None:
    """Convert the octets as one message."""
    source = Source(data)
    charset, options, header = source.choice(CHARSETS), source.choice(OPTIONS), source.choice(HEADERS)
    made = convert(header + source.rest(), options, charset)
    if isinstance(made, Refused):
        return
    assert isinstance(made, Conversion)
    assert [] == judge(json.loads(made.encoded()))
    for each in made.report:
        assert LINE.fullmatch(each.place)
        assert each.reason in TEXTS
