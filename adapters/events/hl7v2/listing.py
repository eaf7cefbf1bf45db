"""The replies of an HL7v2 store to ``messages.list`` and ``messages.get``, and the requests for them.

GET {store}/messages?filter=…&view=RAW_ONLY&fields=hl7V2Messages(name,createTime),nextPageToken
GET {store}/messages/{id}?view=RAW_ONLY
GET {store}/messages/{id}?view=RAW_ONLY&fields=name,createTime,labels
"""

import binascii
import re
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

from adapters.events.hl7v2.feed import Entry
from adapters.events.instants import read_instant, written
from adapters.events.stores import HL7V2_STORE
from adapters.rest.http.reply import read_json
from gateway.contract.outcome import Unavailable
from gateway.contract.outlook import Outlook

MOST_PAGE = 1000
LONGEST_TOKEN = 4096
FIELDS = "hl7V2Messages(name,createTime),nextPageToken"
DESCRIPTION = "name,createTime,labels"
NOT_A_PAGE = Unavailable("the store's list of messages cannot be read")
NOT_A_MESSAGE = Unavailable("the store's message cannot be read", outlook=Outlook.DOUBTFUL)
IDENTIFIER = re.compile(r"[A-Za-z0-9_=.~-]{1,300}")
PAGE_NODES, MESSAGE_NODES = 20_000, 20_000


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list."""

    entries: list[Entry]
    next_token: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A message as the store has it."""

    data: bytes
    labels: frozenset[str]
    """The keys of its labels."""
    created: int | None = field(default=None, compare=False)
    """Nanoseconds since the epoch, by the store's clock."""


class Addresses:
    """The addresses of a store's resources; the store's own replies cannot lead to another place."""

    def __init__(self, url: str, condition: str) -> None:
        self._url = url.rstrip("/")
        found = HL7V2_STORE.match(urlsplit(self._url).path)
        assert found is not None  # noqa: S101  the settings have checked it
        self.store = found[1]
        """The resource name of the store."""
        self._condition = condition

    def page(self, since: int, before: int | None, token: str, size: int, *, with_all: bool = False) -> str:
        """Return the address of a page of the messages created from *since* on, and *before* another time.

        *with_all* asks for those that do not meet the condition, too.
        """
        parts = [f'create_time >= "{written(since)}"']
        parts += [f'create_time < "{written(before)}"'] if before is not None else []
        parts += [f"({self._condition})"] if self._condition and not with_all else []
        query = {"filter": " AND ".join(parts), "pageSize": size, "view": "RAW_ONLY", "fields": FIELDS}
        return f"{self._url}/messages?{urlencode(query | ({'pageToken': token} if token else {}), quote_via=quote)}"

    def message(self, name: str) -> str:
        """Return the address of a message whose name :meth:`is_name` has accepted."""
        return f"{self._url}/messages/{quote(name.rpartition('/')[2], safe='')}?view=RAW_ONLY"

    def description(self, name: str) -> str:
        """Return the address of a message without its data."""
        return f"{self.message(name)}&fields={quote(DESCRIPTION, safe='')}"

    def is_name(self, name: object) -> bool:
        """Whether *name* is that of a message of this store."""
        store, slash, identifier = name.rpartition("/messages/") if isinstance(name, str) else ("", "", "")
        is_plain = IDENTIFIER.fullmatch(identifier) is not None and set(identifier) != {"."}
        return bool(slash) and store == self.store and is_plain


def read_page(body: bytes, addresses: Addresses) -> Page | Unavailable:
    """Return the page in a reply. Never raises. A page with anything that cannot be read counts as none."""
    value = read_json(body, len(body), PAGE_NODES)
    if not isinstance(value, dict):
        return NOT_A_PAGE
    messages, token = value.get("hl7V2Messages", []), value.get("nextPageToken", "")
    if not isinstance(messages, list) or not isinstance(token, str) or len(token) > LONGEST_TOKEN:
        return NOT_A_PAGE
    entries = [_entry(each, addresses) for each in messages]
    found = [each for each in entries if each is not None]
    return Page(found, token) if len(found) == len(entries) <= MOST_PAGE else NOT_A_PAGE


def _entry(message: object, addresses: Addresses) -> Entry | None:
    if not isinstance(message, dict):
        return None
    name, created = message.get("name"), read_instant(message.get("createTime"))
    return Entry(created, str(name)) if created is not None and addresses.is_name(name) else None


def read_description(body: bytes, name: str) -> Fetched | Unavailable:
    """Return the message in a reply, without its data. Never raises."""
    value = read_json(body, len(body), MESSAGE_NODES)
    labels = value.get("labels", {}) if isinstance(value, dict) else None
    if not isinstance(value, dict) or value.get("name") != name or not isinstance(labels, dict):
        return NOT_A_MESSAGE
    return Fetched(b"", frozenset(map(str, labels)), read_instant(value.get("createTime")))


def read_message(body: bytes, name: str) -> Fetched | Unavailable:
    """Return the message in a reply. Never raises."""
    value = read_json(body, len(body), MESSAGE_NODES)
    if not isinstance(value, dict) or value.get("name") != name:
        return NOT_A_MESSAGE
    data, labels = value.get("data"), value.get("labels", {})
    if not isinstance(data, str) or not data or not isinstance(labels, dict):
        return NOT_A_MESSAGE
    try:
        # The JSON of Protocol Buffers has both alphabets and any padding; other characters are an error.
        octets = binascii.a2b_base64(data.translate({45: 43, 95: 47}).rstrip("=") + "==", strict_mode=False)
    except ValueError:
        return NOT_A_MESSAGE
    is_whole = len(octets) == len(data.rstrip("=")) * 3 // 4  # else characters were skipped
    created = read_instant(value.get("createTime"))
    return Fetched(octets, frozenset(map(str, labels)), created) if octets and is_whole else NOT_A_MESSAGE
