"""Why a store did not take a message, in the store's own codes and words, as far as they cannot hold payload.

Codes are repeated only if they are in a list: failure reasons of DICOM by their number, codes of the Google APIs, of
OAuth 2 and of FHIR. Free text goes through ``store_words``. The result is one short phrase, or nothing.
"""

import re
from collections.abc import Iterable, Iterator
from html import unescape

from adapters.hl7.store_words import clean, cut
from adapters.rest.dicomweb.dicom_json import ERROR_COMMENT, FAILURE_REASON, items, unsigned_short
from adapters.rest.dicomweb.stow_body import read_body
from adapters.rest.http.reply import Reply
from adapters.rest.verdict.codes import CODES

MAX_READ = 64 * 1024
"""Most octets of a body that is searched for a cause."""
MAX_NODES = 1000
MAX_TEXTS = 3

FAILURE_REASONS = {
    0x0105: "no such attribute",
    0x0106: "invalid attribute value",
    0x0107: "attribute list error",
    0x0110: "processing failure",
    0x0111: "duplicate SOP instance",
    0x0112: "no such SOP instance",
    0x0115: "invalid argument value",
    0x0117: "invalid SOP instance",
    0x0118: "no such SOP class",
    0x0119: "class-instance conflict",
    0x0120: "missing attribute",
    0x0121: "missing attribute value",
    0x0122: "SOP class not supported",
    0x0124: "not authorized",
    0x0131: "duplicate transaction UID",
    0x0210: "duplicate invocation",
    0x0211: "unrecognized operation",
    0x0212: "mistyped argument",
    0x0213: "resource limitation",
    0xA700: "out of resources",
    0xA900: "data set does not match SOP class",
    0xB00E: "instance has already been stored",  # Azure
    0xB00F: "instance is being stored",  # Azure
    0xC000: "cannot understand",
    0xC122: "transfer syntax not supported",
}
"""PS3.4 table B.2-1, PS3.7 C.5, PS3.18 table I.2-2."""
FAMILIES = {0xA7: "out of resources", 0xA9: "data set does not match SOP class"}

CODE_NAMES = {"status", "code", "error"}
TEXT_NAMES = {
    "message", "detail", "details", "title", "reason", "description", "error", "error_description", "errormessage",
    "diagnostics", "text", "orthancerror", "display",
}  # fmt: skip
TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE
)
"""The beginning of an HTML page."""


def failure_words(reason: int | None, comment: str = "") -> str:
    """Return a failure reason of DICOM with its name, after the cleaned *comment* that the store added."""
    if reason is None:
        return comment
    name = (
        FAILURE_REASONS.get(reason) or FAMILIES.get(reason >> 8) or ("cannot understand" if reason >> 12 == 0xC else "")
    )
    code = f"{reason:04X} {name}".strip()
    return cut(f"{comment} ({code})" if comment else code)  # the DIMSE status has the code, too


def comment_of(value: object) -> str:
    """Return the words that may be repeated of the first Error Comment in a data set, even a nested one."""
    return first_comment(items(value, ERROR_COMMENT))


def first_comment(comments: Iterable[object]) -> str:
    """Return the words that may be repeated of the first text in *comments*."""
    return next((clean(each) for each in comments if isinstance(each, str)), "")


def said(words: str, sentence: str) -> str:
    """Return the store's own *words*, if any, followed by *sentence*."""
    return f"the store said {words}; {sentence}" if words else sentence


def words_of(reply: Reply) -> str:
    """Return the cause that *reply* gives, in words that may be repeated. Never raises."""
    body = reply.body
    if not body or len(body) > MAX_READ:
        return ""
    value = read_body(reply)
    if isinstance(value, dict | list):
        return _of_value(value)
    text = body.decode("utf-8", "replace")
    title = TITLE.search(text)
    if title is not None:
        text = unescape(title[1])
    return clean(text) if title is not None or not text.lstrip().startswith(("<", "MSH", "\x0b")) else ""


def is_page(reply: Reply) -> bool:
    """Whether the body is an HTML page."""
    return PAGE.match(reply.body) is not None


def _of_value(value: object) -> str:
    told: list[str] = []
    reason = next(filter(None, (unsigned_short(item, FAILURE_REASON) for item in _data_sets(value))), None)
    if reason is not None or any(_comments(value)):
        return failure_words(reason, comment_of(value))
    for name, each in _texts(value):
        is_code = name in CODE_NAMES and each in CODES
        words = each if is_code else clean(each) if name in TEXT_NAMES else ""
        if words and words not in told:
            told.append(words)
    told.sort(key=lambda words: words not in CODES or words.islower())
    return cut(", ".join(told[:MAX_TEXTS]))


def _data_sets(value: object) -> Iterator[object]:
    for tag in ("00081198", "0008119A"):
        yield from items(value, tag)


def _comments(value: object) -> Iterator[object]:
    yield from (each for each in items(value, ERROR_COMMENT) if isinstance(each, str))


def _texts(value: object) -> Iterator[tuple[str, str]]:
    """Yield the texts in *value* with their names in lower case, outer ones first."""
    waiting, at = [("", value)], 0
    while at < min(len(waiting), MAX_NODES):
        name, current = waiting[at]
        at += 1
        if isinstance(current, str):
            yield name, current
        elif isinstance(current, dict):
            waiting += [(str(key).lower(), each) for key, each in current.items()]
        elif isinstance(current, list):
            waiting += [(name, each) for each in current]
