"""Makes pseudonyms of ordering keys and identities, which may name patients, with a secret that the spool holds."""

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache

from gateway.spool.database.ledger import Key
from gateway.spool.interface import Plan

SIZE = 16


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """With one secret the same text gives the same pseudonym; without the secret a pseudonym tells nothing."""

    secret: bytes = field(repr=False)

    def ordering_key(self, key: str | None) -> bytes | None:
        """Return the pseudonym of an ordering key."""
        return None if key is None else self._make(b"lane", key.encode(errors="surrogatepass"))

    def name(self, identity: str | None) -> bytes | None:
        """Return the pseudonym of an identity."""
        return None if identity is None else self._make(b"name", identity.encode(errors="surrogatepass"))

    def content(self, identity: str | None, digest: bytes) -> bytes | None:
        """Return the pseudonym of an identity together with a payload."""
        return None if identity is None else self._make(b"content", digest + identity.encode(errors="surrogatepass"))

    def of(self, plan: Plan, digest: bytes) -> bytes | None:
        """Return the pseudonym by which a message of that plan, with the payload of that digest, is known."""
        return self.content(plan.identity, digest) if plan.by_content else self.name(plan.identity)

    def _make(self, person: bytes, text: bytes) -> bytes:
        return hashlib.blake2b(text, key=self.secret, digest_size=SIZE, person=person).digest()


def write_entry_id(spool: str, key: Key) -> str:
    """Return the ID of a delivery, which is unique among all spools."""
    return f"{spool}-{key[0]}-{key[1]}"


@lru_cache(maxsize=1000)
def read_entry_id(entry_id: str) -> tuple[str, Key] | None:
    """Return the spool and the delivery, or None if it is no entry ID."""
    match entry_id.split("-"):
        case [spool, seq, destination] if _is_number(seq) and _is_number(destination):
            return spool, (int(seq), int(destination))
        case _:
            return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19  # SQLite's integers have 63 bits
