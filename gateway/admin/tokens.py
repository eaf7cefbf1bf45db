"""The tokens that are valid at the admin port, each with the roles that it grants."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from gateway.admin.roles import Role, Roles
from gateway.admin.token import Token


@dataclass(frozen=True, slots=True)
class Proof:
    """That somebody has shown a valid token: it is known again, and does not hold the token."""

    roles: Roles
    digests: frozenset[bytes]
    """Of all tokens that were the same as the one that was shown; usually one."""


class Tokens:
    """Finds the roles of a token that is shown. *sources* are the tokens by the roles that they grant."""

    def __init__(self, sources: Mapping[Roles, Token]) -> None:
        self._sources = dict(sources)

    def proof(self, shown: str) -> Proof | None:
        """Return what *shown* proves, None if it is no valid token. It takes as long whichever token it resembles."""
        octets = shown.encode(errors="replace")
        roles: set[Role] = set()
        digests = set()
        for granted, source in self._sources.items():
            token = source()
            if token is not None and hmac.compare_digest(token.encode(), octets):
                roles |= granted
                digests.add(_digest(granted, token))
        return Proof(frozenset(roles), frozenset(digests)) if roles else None

    def still_holds(self, proof: Proof) -> bool:
        """Whether every token that *proof* was made with is valid today. It ends when the file of one changes."""
        valid = {_digest(granted, token) for granted, source in self._sources.items() if (token := source())}
        return proof.digests <= valid


def _digest(roles: Roles, token: str) -> bytes:
    return sha256("\0".join((*sorted(roles), token)).encode()).digest()
