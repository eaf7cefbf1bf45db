r"""A message as text: segments, fields, repetitions, components; text with its escape sequences decoded (HL7 2.7)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.hl7.charset import decode
from adapters.hl7.er7 import Header, lead
from adapters.hl7.outbound import NO_HEADER, with_cr
from gateway.contract.outcome import Refused

NULL = '""'
"""What a sender writes to delete a value; an empty field leaves it as it is (HL7 2.5.3)."""
MOST_SEGMENTS = 20_000
TOO_MANY = Refused("The message has too many segments to be converted", code="207")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SEGMENTS = frozenset(
    """ABS ACC ADD ADJ AFF AIG AIL AIP AIS AL1 APR ARQ ARV AUT BHS BLC BLG BPO BPX BTS BTX BUI CDM CDO CER CM0 CM1 CM2
    CNS CON CSP CSR CSS CTD CTI CTR DB1 DEV DG1 DMI DON DPS DRG DSC DSP DST ECD ECR EDU EQP EQU ERR EVN FAC FHS FT1 FTS
    GOL GP1 GP2 GT1 IAM IAR IIM ILT IN1 IN2 IN3 INV IPC IPR ISD ITM IVC IVT LAN LCC LCH LDP LOC LRL MCP MFA MFE MFI MRG
    MSA MSH NCK NDS NK1 NPU NSC NST NTE OBR OBX ODS ODT OH1 OH2 OH3 OH4 OM1 OM2 OM3 OM4 OM5 OM6 OM7 ORC ORG OVR PAC PCE
    PCR PD1 PDA PDC PEO PES PID PKG PM1 PMT PR1 PRA PRB PRC PRD PRT PSG PSH PSL PSS PTH PV1 PV2 PYE QAK QID QPD QRD QRF
    QRI RCP RDF RDT REL RF1 RFI RGS RMI ROL RQ1 RQD RXA RXC RXD RXE RXG RXO RXR RXV SAC SCD SCH SCP SDD SFT SGH SGT SHP
    SID SLT SPM STF STZ TCC TCD TQ1 TQ2 TXA UAC UB1 UB2 URD URS VAR VND""".split()  # noqa: SIM905  a list of a string for each name would take a page
)
"""The segments of HL7 2.1 to 2.9. Another name may be a word of a text with a line end in it, and is never repeated."""
_LOCAL = re.compile(r"Z[A-Z0-9]{2}\Z")
OTHER = "???"
"""The name, in reports, of a line that is no segment."""
_BREAKS = {".br": "\n", ".sp": "\n", ".ce": "\n", ".in": "", ".ti": "", ".fi": "", ".nf": "", ".sk": " "}


@dataclass(slots=True)
class Segment:
    """One segment. It remembers which of its fields were read: the others are left out, and reported."""

    name: str
    occurrence: int
    fields: list[str]
    """``fields[n]`` is field *n*, as received."""
    read: set[int] = field(default_factory=set)

    def get(self, number: int) -> str:
        """Return a field as received; empty if the segment is shorter."""
        self.read.add(number)
        return self.fields[number] if number < len(self.fields) else ""

    def peek(self, number: int) -> str:
        """Return a field that somebody else carries."""
        return self.fields[number] if number < len(self.fields) else ""

    def place(self, number: int) -> str:
        """Return the place of a field for people: ``OBX[3]-5``."""
        return f"{self.name}-{number}" if self.occurrence == 1 else f"{self.name}[{self.occurrence}]-{number}"

    def unread(self) -> list[int]:
        """Return the fields with a value that nothing has read."""
        read = self.read
        return [number for number, value in enumerate(self.fields) if value and number not in read and number]


class Delimiters:
    """The delimiters of a message, and what its escape sequences mean."""

    def __init__(self, separator: str, encoding: str) -> None:
        self.component = encoding[:1] or "^"
        self.repetition = encoding[1:2] or "~"
        self.escape = encoding[2:3]
        self.subcomponent = encoding[3:4] or "&"
        self._named = {
            "F": separator,
            "S": self.component,
            "T": self.subcomponent,
            "R": self.repetition,
            "E": self.escape,
            "H": "",
            "N": "",
        }
        mark = re.escape(self.escape or "\\")
        self._sequence = re.compile(f"{mark}([^{mark}]{{1,40}}){mark}")

    def text(self, raw: str) -> str:
        """Decode a value: no escape sequences, no control characters but tab and line ends, no blanks around it."""
        if raw.isprintable() and (not self.escape or self.escape not in raw):
            return raw.strip() if raw != NULL else ""
        if self.escape and self.escape in raw:
            raw = self._sequence.sub(self._decoded, raw)
        return _CONTROLS.sub("", raw).strip()

    def is_null(self, raw: str) -> bool:
        """Whether a field deletes its value: each of its parts that is not empty is ``""``."""
        for delimiter in (self.repetition, self.subcomponent):
            raw = raw.replace(delimiter, self.component)
        return {each.strip() for each in raw.split(self.component)} <= {"", NULL}

    def _decoded(self, found: re.Match[str]) -> str:
        name = found[1]
        if name in self._named:
            return self._named[name]
        if name[0] == "." and name[:3] in _BREAKS:
            return _repeated(name)
        if name[0] == "X" and re.fullmatch(r"X(?:[0-9A-Fa-f]{2})+", name):
            return _character(bytes.fromhex(name[1:]))
        return found[0]


def _character(data: bytes) -> str:
    """Return what hexadecimal digits stand for: UTF-8 if it is that, because octets of another text hardly ever are."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _repeated(name: str) -> str:
    """Return the layout of ``.br``, or of ``.sp3`` three of it."""
    count = name[3:].lstrip("+")
    return _BREAKS[name[:3]] * (min(int(count), 100) if count.isascii() and count.isdigit() else 1)


@dataclass(frozen=True, slots=True)
class Hl7Message:
    """The segments of one message, in order."""

    segments: list[Segment]
    delimiters: Delimiters

    @property
    def header(self) -> Segment:
        """The ``MSH`` segment."""
        return self.segments[0]


def read_message(data: bytes, charset: str | None = None) -> Hl7Message | Refused:
    """Split *data*; *charset* overrides ``MSH-18``. Refused if its header or its character set cannot be used."""
    header = Header.parse(data, charset)
    if header is None or not header.usable:
        return NO_HEADER
    text = decode(with_cr(data[lead(data) :]), header.charsets())
    if isinstance(text, Refused):
        return text
    separator = header.delimiters.field.decode()
    lines = text.split("\r", MOST_SEGMENTS)
    if len(lines) > MOST_SEGMENTS:
        return TOO_MANY
    delimiters = Delimiters(separator, header.delimiters.encoding.decode("latin-1"))
    return Hl7Message(list(_segments(lines, separator, delimiters)), delimiters)


def _segments(lines: list[str], separator: str, delimiters: Delimiters) -> Iterator[Segment]:
    counts: dict[str, int] = {}
    for line in lines:
        fields = line.strip("\n").split(separator)
        if NULL in line:
            fields = [NULL if NULL in each and delimiters.is_null(each) else each for each in fields]
        name = fields[0].strip()
        if name not in _SEGMENTS and not _LOCAL.match(name):
            name = OTHER if line.strip() else ""
        if name:
            counts[name] = counts.get(name, 0) + 1
            if name == "MSH":
                fields.insert(1, separator)
            yield Segment(name, counts[name], fields)
