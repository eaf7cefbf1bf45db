"""Which words of a store's free text may be repeated: only those that cannot be payload.

A store may quote what it was sent ("PatientName DOE^JOHN is invalid"), and a reason reaches logs, the peer and the
operator. A name may be an ordinary word (Page, Long, Field), so it is not enough that a word is in a list: nothing is
repeated in a place where a value may be. Such a place begins

* after every mark that does not end a sentence (a colon, a comma, a dash, an equals sign, a quote, a bracket), unless
  a word follows that reasons begin with (OPENERS);
* after a keyword, a tag, a locator, and words such as "patient", "name", "value", "by";
* after every word that is not repeated, because a name may have several words;
* where a sentence begins with another word than those of OPENERS.

It ends at a word that no value has, such as "cannot" (RESUMERS), or at the next sentence. Even in such a place a fixed
ending such as "is not supported" is repeated, and so are keywords, tags and registered UIDs of DICOM, and HL7 locators.

In all other places, words of the lists in lower case and abbreviations are repeated. Capitalized words are repeated
only where a sentence begins. Everything else, every number included, becomes "...".
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pydicom.datadict import dictionary_has_tag, tag_for_keyword
from pydicom.uid import UID

MAX_READ = 1000
"""Most characters of a text that are read."""
MAX_TOLD = 120
"""Most characters that are repeated."""
OMITTED = "..."

WORDS = """
a able absent accept acceptable accepted access account accounts acknowledgement action algorithm allowed already also
an and any api application are argument array as at attribute attributes authentication authorization authorized
available backend bad base be because been before being between blank body boundary busy but by bytes cannot can can't
capacity certificate change changed character characters charset check class client closed code coding combination
command component components compressed compression conflict conflicting conflicts connect connection consistent
constraint contain contains content control conversion corrupt corrupted could couldn't coerced create created
credential credentials currently data database dataset decode decoded decoding decompress default defined delete
deleted denied destination dictionary did didn't different differs directory disabled disk does doesn't dimension
dimensions document does domain down duplicate duplicated element elements empty enabled encapsulated encode encoded
encoding end endpoint enough entity entries entry error errors event exceed exceeded exceeds exception exist existing
exists expected expired explicit failed failure false field fields file files filesystem find for forbidden format
formatted found frame frames from full gateway group had has hash have header headers identifier identifiers if
ignored illegal image implicit in incompatible incomplete incorrect index ingest inserted instance instances
insufficient integrity internal into invalid is isn't issue it item items its key kind known leading length level
limit limited limits line list load locked login lossy maintenance malformed mandatory match matched matching maximum
media memory message messages meta metadata method minimum mismatch missing module more multipart multiple must name
names namespace need needed needs network new no non not null number object objects of on only open operation
operations option optional or order other out outside overflow overloaded owner padding parameter parameters parse
parsed parsing part parts path patient payload permission permissions permitted persist pixel please policy position
precondition prefix present preamble private process processed processing project property protocol provided proxy
query queue quota range rate read reading readonly reason received recognized record redirect reference referenced
register registered reject rejected remote replaced repetition representation request requested requests require
required requires reserved resource resources response restricted retrieve retry same schema segment segments
segmented sent separator sequence sequences series server service services session set should sign since size some
source space specified specific standard start state status still storage store stored storing stream string study
such supplied support supported syntax system tag tags temporarily temporary terminated terminator than that the then
there these this time timed timeout to token too transaction transcode transfer transport trailing true truncated
trigger try type types unable unauthorized unavailable unexpected unique unit unknown unreadable unrecognized
unsupported until update updated upload uri url usage use used user uses valid validate validation value values
version violates was were when where which while with within without write writing wrong you your zero
"""
ABBREVIATIONS = (
    "ACK DICOM DICOMweb ER7 FHIR HL7 HL7v2 HTTP HTTPS ID IDs I/O JSON JPEG MIME MLLP NACK OAuth PDU QIDO RLE SOP SQL"
    " STOW TLS UID UIDs URI URL UTF-8 VM VR WADO XML"
)
SEGMENTS = """
MSH:25 EVN:7 PID:40 PD1:23 NK1:41 PV1:54 PV2:50 OBR:55 OBX:33 ORC:38 AL1:6 DG1:26 PR1:25 GT1:57 IN1:55 IN2:72 IN3:28
MRG:7 MSA:8 ERR:12 NTE:9 SPM:35 TXA:28 RXA:29 RXE:45 RXO:36 FT1:44 SCH:28
"""
"""Segments with their largest number of fields."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


OPENERS = _set("""
a access an attribute attributes authentication authorization bad body cannot conflict connection content corrupt could
credential credentials data database dataset destination disk duplicate element elements empty encoding error errors
exception failed failure file files forbidden header illegal image incompatible incomplete incorrect
insufficient instance instances integrity internal invalid malformed memory message messages mismatch missing network no
not patient payload permission pixel process processing project quota queue rejected request required resource resources
segment sequence series server service session storage store study syntax that the there this timeout token
transaction transfer transport unable unauthorized unavailable unexpected unknown unreadable unrecognized unsupported
upload user validation value wrong your
""")
"""Words that the sentence of a reason begins with."""
BEFORE_VALUE = _set("""
account by code for id identifier identifiers login name named names owner patient string to user value values
""")
RESUMERS = _set(
    "cannot couldn't does doesn't exceed exceeds failed incorrect invalid malformed missing unexpected"
    " unsupported violates"
)
AUXILIARIES = _set("a already an are be been can cannot could did do does has have is isn't must no not was were")
STATES = _set("""
accepted allowed authorized available corrupt corrupted denied duplicate duplicated empty exceeded exist exists expected
expired found ignored incorrect invalid known locked malformed mandatory match missing permitted provided recognized
rejected required specified supported truncated unexpected unique unknown unsupported valid wrong
""")
FIRST_OF_TWO = frozenset({"account", "patient", "user"})
MAX_ENDING = 5
SIZES = _set("large long many short small")
"""Words that are repeated after "too"."""
MAX_COMPONENT = 23
"""The largest number of components of a data type, which is that of XCN."""
LOCATOR = re.compile(r"([A-Z][A-Z0-9]{2})(?:\[[1-9]\d?\])?[-.]([1-9]\d?)(?:[-.]([1-9]\d?))?", re.ASCII)
REGISTERED = re.compile(r"1\.2\.840\.10008(?:\.(?:0|[1-9]\d*))+", re.ASCII)
TAG = re.compile(r"\(([0-9A-Fa-f]{4}),([0-9A-Fa-f]{4})\)")
KEYWORD = re.compile(r"[A-Z][A-Za-z0-9]*[a-z0-9][A-Z][A-Za-z0-9]*")  # two capitals: a word with one could be a name
KNOWN, TERMS = frozenset(WORDS.split()), frozenset(ABBREVIATIONS.split())
LOCATED = {name: int(fields) for name, _, fields in (each.partition(":") for each in SEGMENTS.split())}
PIECE = re.compile(r"\([0-9A-Fa-f]{4},[0-9A-Fa-f]{4}\)|[^\s:;=,]+")
MARKS = "()[]{}<>\"'`.!?-*|/\\"
ENDS_SENTENCE = frozenset(".!?")


class Token(NamedTuple):
    """A word, and what precedes it."""

    word: str
    begins: bool
    """Whether a sentence begins with the word."""
    apart: bool
    """Whether a mark that does not end a sentence precedes the word."""


def clean(text: str) -> str:
    """Return what may be repeated of *text*, at most MAX_TOLD characters; nothing if that is less than two words."""
    told: list[str] = []
    for word in _told(list(_tokens(text[:MAX_READ]))):
        if word != OMITTED or told[-1:] not in ([], [OMITTED]):
            told.append(word)
    return cut(" ".join(told)) if len([word for word in told if word != OMITTED]) > 1 else ""


def cut(text: str) -> str:
    """Return *text* up to the last whole word within MAX_TOLD characters."""
    return text if len(text) <= MAX_TOLD else text[: MAX_TOLD - len(OMITTED)].rpartition(" ")[0] + OMITTED


def _tokens(text: str) -> Iterator[Token]:
    end = 0
    for found in PIECE.finditer(text):
        piece = found[0]
        word = piece if TAG.fullmatch(piece) else piece.strip(MARKS)
        if not word:
            continue
        start = found.start() + piece.index(word)
        marks = "".join(text[end:start].split())
        begins = not end or (bool(marks) and set(marks) <= ENDS_SENTENCE)
        yield Token(word, begins, bool(marks) and (not begins or not end))
        end = start + len(word)


def _told(tokens: list[Token]) -> Iterator[str]:
    hides, at = False, 0
    while at < len(tokens):
        token = tokens[at]
        if token.begins or token.apart:
            hides = (hides and not token.begins) or not _opens(token)
        if length := _ending(tokens[at : at + MAX_ENDING]):
            yield from (each.word for each in tokens[at : at + length])
            at += length
            continue
        word, hides = _word(token, hides=hides and not _resumes(token))
        if word == OMITTED and _follows(tokens, at):
            word = token.word
        yield word
        at += 1


def _ending(tokens: list[Token]) -> int:
    """Return the number of words of the fixed ending that *tokens* begin with, or 0."""
    for at, token in enumerate(tokens):
        if at and (token.begins or token.apart):
            return 0
        if token.word in STATES or (at and token.word in SIZES and tokens[at - 1].word == "too"):
            return at + 1
        if token.word not in AUXILIARIES and token.word != "too":
            return 0
    return 0


def _opens(token: Token) -> bool:
    """Whether the sentence of a reason may begin with *token*."""
    lower = token.word.lower()
    return (token.word[1:] == lower[1:] and lower in OPENERS) or token.word in TERMS


def _resumes(token: Token) -> bool:
    """Whether *token* is no part of a value, and no value follows it."""
    is_capital = token.word[1:] == token.word[1:].lower() and (token.begins or token.apart)
    return (token.word.lower() if is_capital else token.word) in RESUMERS


def _follows(tokens: list[Token], at: int) -> bool:
    """Whether the token at *at* is the second of two words such as "patient name"."""
    token, before = tokens[at], tokens[at - 1] if at else None
    is_near = before is not None and not token.begins and not token.apart
    return is_near and token.word in BEFORE_VALUE and before is not None and before.word.lower() in FIRST_OF_TWO


def _word(token: Token, *, hides: bool) -> tuple[str, bool]:
    """Return the part of *token* that may be repeated, and whether a value may follow."""
    word = token.word
    if _is_term(word):
        return word, True
    if hides:
        return OMITTED, True
    if word in TERMS:
        return word, word in {"ID", "IDs"}
    lower = word.lower()
    begins = (token.begins or token.apart) and lower in OPENERS | RESUMERS
    if word in KNOWN or (begins and word[1:] == lower[1:]):
        return lower, lower in BEFORE_VALUE
    return OMITTED, True


def _is_term(word: str) -> bool:
    if (tag := TAG.fullmatch(word)) is not None:
        return dictionary_has_tag(int(tag[1] + tag[2], 16))
    return _is_registered(word) or _is_keyword(word) or _is_locator(word)


def _is_keyword(word: str) -> bool:
    return len(word) <= 64 and KEYWORD.fullmatch(word) is not None and tag_for_keyword(word) is not None


def _is_registered(word: str) -> bool:
    # Check the form first: pydicom would quote an invalid UID in a warning.
    return len(word) <= 64 and REGISTERED.fullmatch(word) is not None and UID(word).name != word


def _is_locator(word: str) -> bool:
    located = LOCATOR.fullmatch(word)
    if located is None:
        return False
    segment, field, component = located.groups()
    return int(field) <= LOCATED.get(segment, 0) and int(component or 1) <= MAX_COMPONENT
