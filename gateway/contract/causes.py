"""Why something does not work: the causes that Hilum can tell apart, as facts for people who have to act.

``gateway.causes.table`` has one row for each: the sentence, whose side it is on, its effect and the mend.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from gateway.contract.records import record


class Cause(StrEnum):
    """One cause. Its value is in the API, in log events and in docs/reference/causes.md."""

    # Of a destination: it cannot be reached.
    CONNECTION_REFUSED = "connection_refused"
    NO_CONNECTION = "no_connection"
    NO_ROUTE_TO_HOST = "no_route_to_host"
    NAME_UNKNOWN = "name_unknown"
    PROXY_FAILED = "proxy_failed"
    # Of a destination: TLS.
    CERTIFICATE_ENDED = "certificate_ended"
    CERTIFICATE_NOT_YET_VALID = "certificate_not_yet_valid"
    CERTIFICATE_NAME = "certificate_name"
    CERTIFICATE_ISSUER = "certificate_issuer"
    CERTIFICATE_WANTED = "certificate_wanted"
    CERTIFICATE_REFUSED = "certificate_refused"
    TLS_FAILED = "tls_failed"
    SPEAKS_TLS = "speaks_tls"
    SPEAKS_NO_TLS = "speaks_no_tls"
    # Of a destination: what it answers.
    CONNECTION_BROKE = "connection_broke"
    NO_ANSWER = "no_answer"
    NOT_HTTP = "not_http"
    CREDENTIALS_REFUSED = "credentials_refused"
    NOT_PERMITTED = "not_permitted"
    CREDENTIALS_FILE = "credentials_file"
    CREDENTIALS_ENDPOINT = "credentials_endpoint"
    WRONG_ADDRESS = "wrong_address"
    REDIRECTED = "redirected"
    OTHER_CONTENT = "other_content"
    TOO_MANY_REQUESTS = "too_many_requests"
    STORE_FAILED = "store_failed"
    MESSAGE_REFUSED = "message_refused"
    CLASS_REFUSED = "class_refused"
    POISON = "poison"
    SLOW = "slow"
    CLOCK = "clock"
    UNKNOWN = "unknown"
    # Of a peer.
    CALLED_AE_TITLE = "called_ae_title"
    CALLING_AE_TITLE = "calling_ae_title"
    CONTEXTS_REFUSED = "contexts_refused"
    PEER_CERTIFICATE = "peer_certificate"
    PEER_TLS_FAILED = "peer_tls_failed"
    TLS_ON_PLAIN_PORT = "tls_on_plain_port"
    PLAIN_ON_TLS_PORT = "plain_on_tls_port"
    FRAMING = "framing"
    NETWORK_NOT_ALLOWED = "network_not_allowed"
    PEER_LIMIT = "peer_limit"
    RATE = "rate"
    PEER_GAVE_UP = "peer_gave_up"
    PEER_TOKEN = "peer_token"  # noqa: S105  no secret
    DUPLICATES = "duplicates"
    SEVERAL_PEERS = "several_peers"
    UNROUTED = "unrouted"
    PEER_REFUSED_OFTEN = "peer_refused_often"
    SILENT = "silent"
    # Here.
    DISK_FULL = "disk_full"
    PARKED = "parked"
    SPOOL_DAMAGED = "spool_damaged"
    UNDELIVERED = "undelivered"
    CERTIFICATE_ENDS_SOON = "certificate_ends_soon"
    WORKER_MISSING = "worker_missing"
    TROUBLE = "trouble"
    LOG_DROPPED = "log_dropped"
    JOURNAL_DROPPED = "journal_dropped"


@record
class Diagnosis:
    """A cause with what was seen of it. No value is payload, a credential, or a store's own text."""

    cause: Cause
    details: Mapping[str, str] = field(default_factory=dict)
    """By name, such as ``address``, ``host``, ``issuer``, ``ended_at``, ``permission``, ``path``, ``status``.
    ``gateway.causes.table`` names those that each cause may have. Times are seconds since the epoch, as text."""


@record
class Notice:
    """What a listener has noticed of a peer, besides its metrics."""

    diagnosis: Diagnosis
    peer: str
    """Who it is, as an operator knows it: the AE title, ``MSH-3|MSH-4``, or the IP address if nothing else is known."""
    peer_ip: str
