"""What a caller of the admin port may do, and which requests need which role."""

from enum import StrEnum

READS = ("GET", "HEAD")
PAYLOAD_PATH = "/payload"


class Role(StrEnum):
    """A permission; a token grants one or several."""

    VIEWER = "viewer"
    """Reads everything but payloads: status, messages, spool, peers, destinations, metrics."""
    OPERATOR = "operator"
    """Acts: retries, discards and moves what is in the spool."""
    PAYLOAD = "payload"
    """Reads the payload of a message, which is a patient's data."""


Roles = frozenset[Role]

ALL: Roles = frozenset(Role)
GRANTED: dict[str, Roles] = {
    "token_file": ALL,
    "viewer_token_file": frozenset({Role.VIEWER}),
    "operator_token_file": frozenset({Role.VIEWER, Role.OPERATOR}),
    "payload_token_file": frozenset({Role.VIEWER, Role.PAYLOAD}),
}
"""The roles that the token of each file in the settings grants."""


def role_for(method: str, path: str) -> Role:
    """Return the role that a request needs."""
    if path.endswith(PAYLOAD_PATH):
        return Role.PAYLOAD
    return Role.VIEWER if method in READS else Role.OPERATOR


def named(roles: Roles) -> str:
    """Return *roles* as one word for people: the most that they allow."""
    if roles == ALL:
        return "administrator"
    return next((each.value for each in (Role.OPERATOR, Role.PAYLOAD) if each in roles), Role.VIEWER.value)
