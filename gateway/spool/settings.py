"""The settings of the spool."""

from pydantic import Field

from gateway.contract.settings import Octets, SecretFile, Settings


class SpoolSettings(Settings):
    """How much commit mode keeps, for how long, and whether it is encrypted."""

    max_bytes: Octets = Field(default=50 * 2**30, ge=1)
    """Octets of undelivered payload that one worker takes; beyond that, peers are told to send again later."""
    min_free_bytes: Octets = Field(default=2**30, ge=0)
    """Octets to leave free on the disk; below that, peers are told to send again later."""
    retention_days: float = Field(default=7, ge=0, le=36500)
    """Days for which the record of a delivered or discarded message is kept. Its payload goes at once."""
    inline_bytes: int = Field(default=64 * 2**10, ge=0, le=2**20)
    """A payload up to this size is kept in the database, a larger one in a file of its own."""
    key_file: SecretFile | None = None
    """A file that holds 32 octets, raw, in hexadecimal or in base64: payloads are encrypted with AES-256-GCM."""
