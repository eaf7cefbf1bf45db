"""The details that a diagnosis of a destination may have, by its cause. ``?``: it is there if it could be found out.

Times are seconds since the epoch, as text. Lists are joined with ``, ``. None is a text of the other side: each was
checked against a pattern or a list of known words, or was made by Hilum.
"""

from collections.abc import Mapping

from gateway.contract.causes import Cause

DETAILS: Mapping[Cause, tuple[str, ...]] = {
    Cause.CONNECTION_REFUSED: ("address",),
    Cause.NO_CONNECTION: ("address", "seconds"),
    Cause.NO_ROUTE_TO_HOST: ("address", "error?"),
    Cause.NAME_UNKNOWN: ("name", "code?"),
    Cause.PROXY_FAILED: ("proxy?", "why?", "status?"),
    Cause.CERTIFICATE_ENDED: ("called", "ended_at?", "names?"),
    Cause.CERTIFICATE_NOT_YET_VALID: ("called", "begins_at?", "names?"),
    Cause.CERTIFICATE_NAME: ("called", "names?"),
    Cause.CERTIFICATE_ISSUER: ("called", "issuer?", "names?"),
    Cause.CERTIFICATE_WANTED: ("alert?",),
    Cause.CERTIFICATE_REFUSED: ("alert?",),
    Cause.TLS_FAILED: ("error?",),
    Cause.SPEAKS_TLS: (),
    Cause.SPEAKS_NO_TLS: ("address?",),
    Cause.CONNECTION_BROKE: (),
    Cause.NO_ANSWER: ("seconds?", "status?"),
    Cause.NOT_HTTP: (),
    Cause.CREDENTIALS_REFUSED: ("status?", "error?", "path?", "changed_at?"),
    Cause.NOT_PERMITTED: ("status", "code?", "permission?", "path?", "changed_at?"),
    Cause.CREDENTIALS_FILE: ("path", "setting", "why"),
    Cause.CREDENTIALS_ENDPOINT: ("address?", "since?", "why?", "status?"),
    Cause.WRONG_ADDRESS: ("status?",),
    Cause.REDIRECTED: ("status", "host?"),
    Cause.OTHER_CONTENT: ("status?", "content_type?"),
    Cause.TOO_MANY_REQUESTS: ("status", "code?", "due?"),
    Cause.STORE_FAILED: ("status?", "code?", "due?"),
    Cause.MESSAGE_REFUSED: ("code", "error?", "status?"),
    Cause.CLASS_REFUSED: ("code", "sop_class?", "transfer_syntax?"),
    Cause.UNKNOWN: ("status?",),
}
