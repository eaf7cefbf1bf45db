"""HTTP/1.1 without I/O (RFC 9112): a reader for the replies of one connection."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from httptools import HttpParserError, HttpParserUpgrade

from adapters.rest.http.coding import Decoder, Undecodable
from adapters.rest.http.fields import UnreadFields, is_interim, reply_parser
from adapters.rest.http.reply_length import END, MOST_OF_AN_END, settle_length
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.outlook import Outlook
from gateway.contract.records import record

MAX_MUTE = 64 * 1024
"""Most octets in a row that are not body: heads, trailers, chunk extensions. In total there may be as many more as the
body has octets: a chunk of one octet takes six octets, and time."""
STEP = MAX_MUTE // 4
"""Octets that are parsed before the limits are checked again: tiny fields and chunks take a microsecond each."""
CODING = b"content-encoding"

Sink = Callable[[bytes], bool]
"""Takes a piece of a reply's body; False when it wants no more."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no reply."""

    reason: str
    """A fixed sentence without payload."""
    hung_up: bool = False
    """The connection ended before the head of a reply, as happens when it was closed while it was idle."""
    unheard: bool = False
    """The store has received nothing of the request, so it may be sent again whatever it asks for."""
    outlook: Outlook = Outlook.TEMPORARY
    """What to expect from sending the same request again."""
    diagnosis: Diagnosis | None = field(default=None, compare=False)
    """The cause, for people."""


def _odd(reason: str, cause: Cause) -> Failure:
    return Failure(reason, outlook=Outlook.DOUBTFUL, diagnosis=Diagnosis(cause))


BROKEN = Diagnosis(Cause.CONNECTION_BROKE)
HUNG_UP = Failure("the store closed the connection without a reply", hung_up=True, diagnosis=BROKEN)
UNHEARD = Failure("the store closed the connection without a reply", hung_up=True, unheard=True, diagnosis=BROKEN)
BROKE = Failure("the connection to the store broke", hung_up=True, diagnosis=BROKEN)
REPLY_BROKE_OFF = Failure("the store's reply is incomplete", diagnosis=BROKEN)
NOT_HTTP = _odd("the store's reply is not HTTP", Cause.NOT_HTTP)
SPEAKS_TLS = Failure(
    "the store speaks TLS on this port; its address begins with https://",
    unheard=True,
    outlook=Outlook.BUSY,
    diagnosis=Diagnosis(Cause.SPEAKS_TLS),
)
BAD_HEAD = _odd("the head of the store's reply is malformed", Cause.NOT_HTTP)
BAD_LENGTH = _odd("the head of the store's reply has no valid length, or several that differ", Cause.NOT_HTTP)
LONG_HEAD = _odd("the head of the store's reply is too long", Cause.NOT_HTTP)
UNDECODABLE = _odd("the store's reply cannot be decompressed", Cause.OTHER_CONTENT)
TOO_LARGE = _odd("the store's reply is larger than max_reply_bytes", Cause.OTHER_CONTENT)
OUT_OF_PROPORTION = _odd("the store's reply is far too long for the message", Cause.OTHER_CONTENT)
TLS_RECORD = re.compile(rb"[\x14-\x17]\x03[\x00-\x04]")
"""The beginning of a TLS record (RFC 8446 5.1): the other side answers a plain request with an alert."""


@record
class Kept:
    """How much of a reply's body is kept in memory; of a longer body the beginning is kept."""

    octets: int
    or_fail: bool = False
    """Whether a success with a longer body is a failure: its beginning could be taken for an acknowledgement."""


ALL = Kept(1 << 62)
NO_FIELDS = UnreadFields(b"")


class ReplyReader:
    """Reads the replies on one connection, one after another. Never raises, whatever the store sends."""

    def __init__(self, max_body: int) -> None:
        self._max_body = max_body
        self._parser = reply_parser(self)
        self.begin()

    def begin(self) -> None:
        """Expect the next reply."""
        self.sink: Sink | None = None
        """Takes the body of a 200, which may then be of any size."""
        self._head: list[bytes] = []
        """All octets that have arrived, until the head is complete."""
        self._has_many_lengths = False
        self._searched = 0
        """Up to this octet the head has no end, if it has many lengths."""
        self.kept = ALL
        """How much of the body is kept in memory."""
        self._pieces: list[bytes] = []
        self._body: list[bytes] = []
        self._octets = self._mute = self._wire = self._length = 0
        self._decoder: Decoder | None = None
        self._is_undecodable = False
        self.status = 0
        """The status of the reply; 0 until its head is complete."""
        self.fields = NO_FIELDS
        self.complete = False
        """Whether the whole reply has arrived."""
        self.keep_alive = False
        """After a complete reply: the connection may carry another request."""
        self.enough = False
        """Whether the rest of the body is not wanted: the sink says so, or all that is kept of it has arrived."""
        self.failure: Failure | None = None

    @property
    def over(self) -> bool:
        """Whether the reading has ended, with a reply or with a failure."""
        return self.complete or self.enough or self.failure is not None

    @property
    def is_body(self) -> bool:
        """Whether most of the octets of the reply so far are body."""
        return self._wire < 2 * self._octets

    def take_body(self) -> bytes:
        """Return the part of the body that has arrived, and keep it no longer."""
        body, self._body = self._body, []
        return b"".join(body)

    def receive_data(self, data: bytes) -> None:
        """Take the next octets from the store; those after a failure, or after *enough*, are ignored."""
        for piece in (data,) if len(data) <= STEP else _steps(data):
            if self.failure is None and not self.enough:
                self._receive(piece)

    def _receive(self, data: bytes) -> None:
        size, was_complete = len(data), self.complete
        self._mute += size
        self._wire += size
        if not self.status:
            self._head.append(data)
        if self._has_many_lengths and not self.status:
            self._settle_length()
        else:
            self._feed(data)
        if self.status:
            self._head.clear()
        if self._pieces:
            self._take_pieces()
        if self._decoder is not None and self.complete and not was_complete:
            self._end_body(self._decoder)
        if (self._mute > MAX_MUTE or self._wire - 2 * self._octets > MAX_MUTE) and not self.over:
            self._stop(LONG_HEAD)

    def receive_end(self, *, clean: bool) -> None:
        """Take the end of the connection; only a *clean* end may be the end of a success."""
        if self.over:
            return
        if not self.status:
            self.failure = HUNG_UP if clean else BROKE
        elif self._ends_with_connection() and (clean or self.status >= 300):
            self.complete = True
            if self._decoder is not None:
                self._end_body(self._decoder)
        else:
            self.break_off(REPLY_BROKE_OFF)

    def break_off(self, failure: Failure) -> None:
        """End the reading before the end of the reply: with *failure*, unless its status already tells of a failure."""
        if self.over:
            return
        if self.status < 300:
            self.failure = failure
        else:
            self._pieces.clear()
            self._body.clear()
            self.complete = True

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self._stop(BAD_HEAD)
        except HttpParserError as error:
            if self.status or "Content-Length" not in str(error):
                self._stop(BAD_HEAD)
            elif self._has_many_lengths:
                self._stop(BAD_LENGTH)
            else:
                self._has_many_lengths = True
                self._settle_length()

    def _settle_length(self) -> None:
        """Parse the head again with one length instead of several, as soon as all of it has arrived."""
        if b"\n" not in self._head[-1]:
            return
        head = b"".join(self._head)
        settled = settle_length(head) if END.search(head, self._searched) else None
        self._head, self._searched = [head], max(0, len(head) - MOST_OF_AN_END)
        if settled is not None:
            self._parser, self._head = reply_parser(self), [settled]
            self._feed(settled)

    def _stop(self, reason: Failure) -> None:
        """End the reading; *reason* is the failure if the head is not complete yet."""
        self.keep_alive = False
        head = b"".join(self._head).lstrip(b"\r\n")
        odd = reason if head.startswith(b"HTTP/") else SPEAKS_TLS if TLS_RECORD.match(head) else NOT_HTTP
        self.break_off(REPLY_BROKE_OFF if self.status else odd)

    def _ends_with_connection(self) -> bool:
        # RFC 9112 6.3: a transfer coding decides where there is one, otherwise Content-Length.
        codings = self.fields.get("transfer-encoding")
        if codings is not None:
            return codings.lower().rsplit(",", 1)[-1].strip() != "chunked"
        return "content-length" not in self.fields

    def _take_pieces(self) -> None:
        pieces, self._pieces, self._mute = self._pieces, [], 0
        joined = pieces[0] if len(pieces) == 1 else b"".join(pieces)  # chunks of one octet would be decoded one by one
        self._octets += len(joined)
        if self._decoder is not None:
            self._take(self._decoder.decode([joined]))
        elif self.sink is None and not self._body and len(joined) <= min(self._max_body, self.kept.octets):
            self._body.append(joined)  # the usual case: all that has come of the body
            self._length = len(joined)
        else:
            self._take([joined])

    def _end_body(self, decoder: Decoder) -> None:
        """Decode what is left when the body has ended, and check that the compressed data is complete."""
        if self._is_undecodable or self.enough:
            return
        self._take(decoder.decode([], ended=True))
        if not decoder.is_whole:
            self._give_up_decoding()

    def _take(self, pieces: Iterable[bytes]) -> None:
        try:
            if self.sink is not None and self.status == 200:
                self.enough = self.enough or not all(map(self.sink, pieces))
                return
            for piece in pieces if not self._is_undecodable else ():
                self._keep(piece[: max(self.kept.octets - self._length, 0)])
                self._length += len(piece)
                if self._length > min(self._max_body, self.kept.octets):
                    break
            if max(self._length, self._octets) > self._max_body:
                self.failure = self.failure or TOO_LARGE
            elif self._length > self.kept.octets:
                self._stop_at_most()
        except Undecodable:
            self._give_up_decoding()

    def _keep(self, piece: bytes) -> None:
        """Keep *piece*, joined with the one before it if both are small: each bytes object takes 33 octets more.

        One growing buffer would fragment the memory: 20 MiB for six replies of 1 MiB.
        """
        if self._body and len(self._body[-1]) + len(piece) <= STEP:
            self._body[-1] += piece
        else:
            self._body.append(piece)

    def _stop_at_most(self) -> None:
        """Read no more than what is kept: reading an endless body would delay others."""
        self.enough = True
        if self.kept.or_fail and self.status < 300:
            self.failure = self.failure or OUT_OF_PROPORTION

    def _give_up_decoding(self) -> None:
        """Drop the body, which cannot be decompressed; of a success that is a failure."""
        self._is_undecodable = True
        self._body.clear()
        if self.status < 300:
            self.failure = self.failure or UNDECODABLE

    # The parser calls the following methods while it is fed.

    def on_message_begin(self) -> None:
        """Begin a head. The store may also begin a second reply here, so the connection is not reused until the end."""
        self.keep_alive = False

    def on_headers_complete(self) -> None:
        """Take the head; interim replies are ignored (RFC 9110 15.2), except 101, which switches protocols."""
        status = self._parser.get_status_code()
        if self.status or (status < 200 and is_interim(status)):
            return
        if status < 100:
            self.failure = NOT_HTTP
            return
        self.status = status
        self.fields = UnreadFields(self._head[0] if len(self._head) == 1 else b"".join(self._head))
        if self.fields.mentions(CODING):
            decoder = Decoder(value.decode("latin-1") for value in self.fields.all_of(CODING))
            self._decoder = decoder or None
            if decoder.is_absurd:
                self._give_up_decoding()

    def on_body(self, piece: bytes) -> None:
        """Keep a piece of the body until the parser returns, because processing it may raise an exception."""
        if not self.complete:
            self._pieces.append(piece)

    def on_message_complete(self) -> None:
        """End the reply."""
        if self.status and not self.complete:
            self.complete = True
            self.keep_alive = self._parser.should_keep_alive() and not self._has_many_lengths


def _steps(data: bytes) -> Iterator[bytes]:
    return (data[at : at + STEP] for at in range(0, len(data), STEP))
