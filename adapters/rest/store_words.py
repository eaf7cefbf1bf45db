"""Which words of a store's free text may be told: only words that no payload brought.

A store may quote what it was sent ("PatientName DOE^JOHN is invalid"), and a reason reaches logs, the peer and the
operator. So a word is told only if it stands in one of these lists: technical words in lower case (or with a capital
where a sentence begins), abbreviations, DICOM keywords, tags and UIDs of the dictionary, HL7 locators. Everything else,
every number included, becomes "...".
"""

import re

from pydicom.datadict import dictionary_has_tag, tag_for_keyword
from pydicom.uid import UID

MAX_READ = 1000
"""Most characters of a text that are looked at."""
MAX_TOLD = 120
"""Most characters that are told."""
OMITTED = "..."

WORDS = """
a able absent accept acceptable accepted access account accounts acknowledgement action algorithm allowed already
also an and any api application are argument array as at attribute attributes authentication authorization
authorized available backend bad base be because been before being between blank body boundary busy but by bytes
cannot can can't capacity certificate change changed character characters charset check class client closed code
coding combination command component components compressed compression conflict conflicting conflicts connect
connection consistent constraint contain contains content control conversion corrupt corrupted could couldn't
coerced create created credential credentials currently data database dataset decode decoded decoding decompress
default defined delete deleted denied destination detected dictionary did didn't different differs directory
disabled disk does doesn't dimension dimensions document does domain down duplicate duplicated element elements
empty enabled encapsulated encode encoded encoding end endpoint enough entity entries entry error errors event
exceed exceeded exceeds exception exist existing exists expected expired explicit failed failure false few field
fields file files filesystem find for forbidden format formatted found frame frames free from full gateway given
group had has hash have header headers identifier identifiers if ignored illegal image implicit in incompatible
incomplete incorrect index ingest inserted instance instances insufficient integrity internal into invalid is isn't
issue it item items its key kind known large leading length level limit limited limits line list little load locked
login long longer lossy maintenance malformed mandatory match matched matching maximum media memory message messages
meta metadata method minimum mismatch missing module more multipart multiple must name names namespace need needed
needs network new no non not null number object objects of on only open operation operations option optional or
order other out outside overflow overloaded owner padding page parameter parameters parse parsed parsing part parts
path patient payload permission permissions permitted persist pixel please policy position precondition prefix
present preamble private process processed processing project property protocol provided proxy query queue quota
range rate read reading readonly reason received recognized record redirect reference referenced register registered
reject rejected remote replaced repetition representation request requested requests require required requires
reserved resource resources response restricted retired retrieve retry rule same schema segment segments segmented
sent separator sequence sequences series server service services session set shorter should sign since single size
small so some source space specified specific standard start state status still storage store stored storing stream
string study such supplied support supported syntax system tag tags temporarily temporary terminated terminator than
that the then there these this time timed timeout to token too transaction transcode transfer transport trailing
true truncated trigger try type types unable unauthorized unavailable unexpected unique unit unknown unreadable
unrecognized unsupported until update updated upload uri url usage use used user uses valid validate validation
value values version was were when where which while with within without write writing wrong you your zero
"""
ABBREVIATIONS = (
    "ACK DICOM DICOMweb ER7 FHIR HL7 HL7v2 HTTP HTTPS ID IDs I/O JSON JPEG MIME MLLP NACK OAuth PDU QIDO RLE SOP SQL"
    " STOW TLS UID UIDs URI URL UTF-8 VM VR WADO XML"
)
SEGMENTS = (
    "MSH EVN PID PD1 NK1 PV1 PV2 OBR OBX ORC AL1 DG1 PR1 GT1 IN1 IN2 IN3 MRG MSA ERR NTE SPM TXA RXA RXE RXO FT1 SCH"
)
LOCATOR = re.compile(r"([A-Z][A-Z0-9]{2})(?:\[\d{1,2}\])?(?:[-.]\d{1,2}){1,3}")
TAG = re.compile(r"\(?([0-9A-Fa-f]{4}),([0-9A-Fa-f]{4})\)?")
KEYWORD = re.compile(r"[A-Z][A-Za-z0-9]*[a-z0-9][A-Z][A-Za-z0-9]*")  # two humps: one could be anybody's name
KNOWN, TERMS, LOCATED = frozenset(WORDS.split()), frozenset(ABBREVIATIONS.split()), frozenset(SEGMENTS.split())
PIECE = re.compile(r"\([0-9A-Fa-f]{4},[0-9A-Fa-f]{4}\)|[^\s:;=,]+")
ENDS_SENTENCE = (".", ":", "!", "?", "-")


def clean(text: str) -> str:
    """Return what may be told of *text*, at most MAX_TOLD characters; nothing where that is less than two words."""
    told: list[str] = []
    begins = True
    for found in PIECE.finditer(text[:MAX_READ]):
        word = _word(found[0], begins=begins)
        begins = text[found.end() - 1 : found.end() + 1].rstrip().endswith(ENDS_SENTENCE)
        if word and (word != OMITTED or told[-1:] not in ([], [OMITTED])):
            told.append(word)
    return cut(" ".join(told)) if len([word for word in told if word != OMITTED]) > 1 else ""


def cut(text: str) -> str:
    """Return *text* up to the last whole word within MAX_TOLD characters."""
    return text if len(text) <= MAX_TOLD else text[: MAX_TOLD - len(OMITTED)].rpartition(" ")[0] + OMITTED


def _word(piece: str, *, begins: bool) -> str:
    if (tag := TAG.fullmatch(piece)) is not None:
        return piece if dictionary_has_tag(int(tag[1] + tag[2], 16)) else OMITTED
    bare = piece.strip("()[]{}<>\"'`.!?")
    if not bare.strip("-*|/\\"):
        return ""
    if bare in KNOWN:
        return bare
    if begins and bare[1:] == bare[1:].lower() and bare.lower() in KNOWN:
        return bare.lower()
    return _term(bare) or OMITTED


def _is_keyword(word: str) -> bool:
    return KEYWORD.fullmatch(word) is not None and tag_for_keyword(word) is not None


def _is_registered(word: str) -> bool:
    return word.startswith("1.2.840.10008.") and UID(word).name != word


def _term(word: str) -> str | None:
    if word in TERMS or _is_registered(word) or (len(word) <= 64 and _is_keyword(word)):
        return word
    located = LOCATOR.fullmatch(word)
    return word if located is not None and located[1] in LOCATED else None
