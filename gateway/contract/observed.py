"""What a process has observed of its destinations and peers, in the shapes in which the admin port sends it.

The admin port of each worker has it at ``/api/v1/observed``; the supervisor merges them. All times are seconds since
the epoch. Nothing here is payload: names are those of the configuration, AE titles, ``MSH-3|MSH-4`` and addresses.
"""

from collections.abc import Mapping
from typing import NotRequired, TypedDict


class Failing(TypedDict):
    """The failures of a destination since its last success."""

    cause: str
    """A value of ``contract.causes.Cause``: that of the last failure."""
    details: dict[str, str]
    reason: str
    """The sentence of the outcome."""
    since: float
    """When the first of these failures happened."""
    last: float
    count: int


class Phases(TypedDict):
    """How long the parts of an exchange took lately: medians of the last 32, in seconds."""

    connect: float
    newest_connect: NotRequired[float]
    """The median of what the last three exchanges have spent on connecting: 0 where a connection was there already."""
    wait: float
    transfer: float
    newest_wait: NotRequired[float]
    """The median of ``wait`` of the last three."""
    usual_wait: float
    """The median of ``wait`` before that: over the last hours, decayed."""


class RefusalSeen(TypedDict):
    """Messages of one sort that a destination has refused in a row, with none of that sort taken between."""

    what: str
    """The SOP Class UID or the message type."""
    code: str
    """The code of the refusal; ``-`` if it has none."""
    cause: str
    details: dict[str, str]
    reason: str
    """The sentence of the outcome."""
    first: float
    last: float
    count: int


class DestinationSeen(TypedDict):
    """What is known of one destination."""

    kind: str
    address: str
    available: bool
    failing: Failing | None
    next_try: float | None
    last_success: float | None
    delivered: int
    """Messages that it has taken since the start."""
    passed_since: int
    """Messages that it has taken since one of those in ``poison`` failed first."""
    poison: dict[str, int]
    """Messages that fail while others pass: by message ID, how often each was tried."""
    refused: dict[str, int]
    """Messages refused, by what was refused: ``SOP class/code`` or the message type and code."""
    refusals: NotRequired[list[RefusalSeen]]
    """The same with cause, reason and times."""
    poison_since: NotRequired[float | None]
    """When the first of ``poison`` failed first."""
    parked_since: NotRequired[float | None]
    """When the oldest parked message was received."""
    phases: Phases | None
    clock_skew: float | None
    """Seconds by which our clock is ahead of its ``Date``; None if it sends none."""
    waiting: int
    parked: int
    oldest: float | None
    """When the oldest waiting message was received."""


class NoticeSeen(TypedDict):
    """What was noticed of a peer: one cause with the same details."""

    cause: str
    details: dict[str, str]
    listener: str
    first: float
    last: float
    count: int


class PeerSeen(TypedDict):
    """What is known of one peer."""

    peer: str
    listener: str
    address: str
    connections: int
    """Open connections; -1 if it is not known."""
    last_message: float | None
    messages: int
    stored: int
    refused: int
    unavailable: int
    duplicates: int
    notices: list[NoticeSeen]


class SilenceSeen(TypedDict):
    """How the silence of a peer is judged."""

    peer: str
    listener: str
    state: str
    """``usual``, ``learning``, ``marked`` (a mark on the screen), ``silent`` (an event), ``expected`` (a calendar)."""
    since: float | None
    """When its last message came."""
    usual_gap: float | None
    """The usual gap at this hour of the week, in seconds."""
    rate: float | None
    """Messages an hour that are usual now."""


class CertificateSeen(TypedDict):
    """A certificate in use."""

    place: str
    """Where it is configured, such as ``listeners.lab.tls``."""
    subject: str
    issuer: str
    ends_at: float


class Observed(TypedDict):
    """All that one process has observed, or, merged, the gateway."""

    at: float
    started_at: float
    version: str
    state: str
    """As in ``/readyz``."""
    troubles: dict[str, str]
    missing_workers: list[int]
    destinations: dict[str, DestinationSeen]
    peers: list[PeerSeen]
    silence: list[SilenceSeen]
    certificates: list[CertificateSeen]
    space: NotRequired[dict[str, float] | None]
    """``free``, ``min_free``, ``used``, ``limit``: octets of the spool's disk and of the spool."""
    parked: dict[str, dict[str, int]]
    """By destination and reason, the number of parked messages."""
    spools_set_aside: list[str]
    undelivered: dict[str, int]
    """By destination that is not configured any more, messages that wait for it."""
    dropped: dict[str, int]
    """Lost lines: ``log``, ``journal``."""
    dropped_at: NotRequired[dict[str, float]]
    """When the last of them were lost."""


class Verb(TypedDict):
    """Something that an operator can do from the screen."""

    name: str
    """``retry``, ``discard``, ``show``, ``show_line``."""
    label: str
    helps: bool
    """Only a verb that helps is drawn filled."""
    target: dict[str, str]
    """What it acts upon: names of ``/api/v1/spool`` selectors, or a link."""


class Case(TypedDict):
    """One cause that needs somebody, as ``/api/v1/status`` sends it. The screen and the terminal show nothing else."""

    id: str
    """Stays the same while the case lasts: a digest of state, cause and subject."""
    state: str
    """``stopped`` | ``rejected`` | ``silent`` | ``slow`` | ``parked`` | ``ends_soon`` | ``warned``."""
    level: str
    """``red`` (stopped), ``amber``, ``blue`` (to know; nobody has to act)."""
    cause: str
    subject_kind: str
    """``destination`` | ``peer`` | ``listener`` | ``gateway``."""
    subject: str
    since: float
    side: str
    """``store`` | ``peer`` | ``here`` | ``network``."""
    title: str
    why: str
    proof: str
    effect: str
    now: str
    """What to do, in one sentence."""
    contact: str
    verbs: list[Verb]


class Status(TypedDict):
    """The body of ``/api/v1/status``: the first screen and ``hilum status`` show it."""

    at: float
    gateway: str
    """The host's name."""
    version: str
    sentence: str
    """The worst case and how many others; ``All is as usual.`` when there is none."""
    counts: str
    """How many messages wait, and that none is lost."""
    level: str
    """``red`` | ``amber`` | ``blue`` | ``green``: the worst of all cases."""
    needs_somebody: bool
    cases: list[Case]
    destinations: list[dict[str, object]]
    """By row: ``name, state, words, waiting, parked, last_success, address, rate``."""
    peers: list[dict[str, object]]
    """Those that are not as usual: ``peer, listener, state, words, last_message, address``."""
    usual_destinations: int
    usual_peers: int


Contacts = Mapping[str, str]
"""By name of a peer or destination, whom to call."""
