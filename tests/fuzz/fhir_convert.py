"""The conversion to FHIR: any HL7 text is refused or becomes a valid bundle, and the report has no value in it."""

import json
import re
from zoneinfo import ZoneInfo

from adapters.fhir.context import Options
from adapters.fhir.convert import Conversion, convert
from adapters.fhir.local import EXTENSION_TYPES, local_row
from adapters.fhir.report import TEXTS
from adapters.fhir.systems import Systems
from adapters.fhir.tables import Code
from gateway.contract.outcome import Refused
from tests.adapters.fhir.judges import judge
from tests.fuzz.er7_reader import CHARSETS
from tests.fuzz.source import Source

MAPS = {("", "L", "A"): Code("1-8", "http://loinc.org", ""), ("", "", "M"): Code("X", "urn:oid:1.2.3", "x")}
LOCAL = [
    (resource, row)
    for number, (element, datatype) in enumerate(
        [("Patient.identifier[]", "CX"), *((f"Patient.extension(urn:own:{each})", each) for each in EXTENSION_TYPES)], 1
    )
    for _, resource, row in (local_row(f"ZPD-{number}", element, datatype, ""),)
]
"""A field of a Z-segment for each datatype that the settings can map."""
OPTIONS = (
    Options(),
    Options(ZoneInfo("America/New_York"), Systems({"H": "urn:oid:1.2.3"}), MAPS, ("PI",), account_is_visit=True),
    Options(ZoneInfo("UTC"), keep_source=True),
    Options(local_rows={("", "ZPD"): tuple(LOCAL)}),
)


def message(event: str, *segments: str) -> bytes:
    """Return the beginning of a message: ``*15`` is that many empty fields, and the last segment is not ended."""
    text = "\r".join([f"MSH|^~\\&|A|H|||20240501101500||{event}|1|P|2.5", *segments])
    return re.sub(r"\*(\d+)", lambda found: "|" * int(found[1]), text).encode()


PID, ACCOUNT, OBR = "PID|1||7^^^H", "PID|1||7^^^H*15A1^^^H", "OBR|1|P|F|1^x^LN"
HEADERS = (
    b"",
    message("ADT^A01", PID, "PV1|1|I*17V1", ""),
    message("ADT^A40", PID, "MRG|8^^^H", "").replace(b"101500", b"101500+0100"),
    message("ORU^R01", PID, "ORC|RE", OBR, ""),
    message("ORU^R01", PID, OBR, "OBX|1|"),
    message("ADT^A08", "PID|1||"),
    message("ADT^A06", "EVN|A06|2024", ACCOUNT, "PV1|1|I*17V1", "NK1|1|X*31K^^^H", "PR1|1||C||202405011015||20",
            "ROL|1|AD|AT|9^Doe", "GT1|1|G^^^H|Roe", "IN1|1|P|C^^^H|Co", "PDA|I21", ""),
    message("ADT^A01", ACCOUNT, "IN1|1|P|"),
    message("ADT^A01", ACCOUNT, "GT1|1|"),
    message("ADT^A36", ACCOUNT, "MRG|8^^^H||"),
    message("ADT^A01", PID, "PV1|1|I*17V1", "PR1|1||"),
    message("ADT^A01", PID, "ZPD|"),
    message("ADT^A01", PID, "EVN|A01|2024||"),
    message("ORU^R01", PID, OBR, "OBX|1|CE|2^y^LN|1|z", "OBR|2|Q|G|3^w^LN*22"),
    message("OML^O21", PID, "ORC|NW|P1", "OBR|1|P1||1^x^LN", ""),
    message("ORM^O01", PID, "ORC|NW|P1|||||"),
    message("OMI^O23", PID, "ORC|NW|P1", "TQ1|1||"),
    message("MDM^T10", PID, "TXA|1|DS*10D1|D0", "OBX|1|TX|1^A||"),
    message("SIU^S12", PID, "SCH|P1|F1*9"),
    message("SIU^S14", PID, "SCH|P1|F1", "TQ1|1||||||20240501", "AIP|1|A|9^Doe||"),
    message("VXU^V04", PID, "ORC|RE|P1", "RXA|0|1|20240501||1^x^CVX|"),
    message("VXU^V04", PID, "RXA|0|1|20240501||1^x^CVX", "OBX|1|CE|64994-7^x^LN|1|"),
    message("RDE^O11", PID, "ORC|NW|P1", "TQ1|1||BID", "RXE||1^x|1|"),
    message("RDS^O13", PID, "ORC|RE|P1", "RXE||1^x|1", "RXD|1|1^x|20240501|"),
    message("RAS^O17", PID, "ORC|RE|P1", "RXA|0|1|20240501||1^x|1|mg", "RXR|PO", "RXA|0|2|"),
    message("DFT^P03", ACCOUNT, "PV1|1|I*17V1", "FT1|1|T1||20240501||CG|1^x|"),
    message("BAR^P06", "EVN|P06|2024", ACCOUNT, "PV1|1|I*17V1", "PV1|2|O*17V2", ""),
)  # fmt: skip
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
