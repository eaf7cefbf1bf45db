"""The common ground of all settings: frozen, strict about unknown keys, each unit in the key's name."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Seconds = float


class Settings(BaseModel):
    """Base of every group of settings. An unknown key is an error, a value never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class ListenerSettings(Settings):
    """What every listener has."""

    host: str = "127.0.0.1"
    """Address to bind."""
    port: int = Field(ge=0, le=65535)
    """TCP port to bind; 0 takes a free one."""
    acknowledge: Literal["relay", "commit"] = "relay"
    """Answer when the destination has answered, or when the message is durable here."""
    max_connections: int = Field(default=1000, ge=1)
    """Peers at once; one more is turned away."""
    max_connections_per_peer: int = Field(default=100, ge=1)
    """Connections at once from one IP address."""
    idle_seconds: Seconds = Field(default=86400, gt=0)
    """Close a connection on which nothing has happened for so long."""
    message_seconds: Seconds = Field(default=60, gt=0)
    """Close a connection that stalls inside a message for so long."""
    write_seconds: Seconds = Field(default=30, gt=0)
    """Drop a peer that does not read its answers for so long."""
    duplicate_window: Seconds = Field(default=3600, ge=0)
    """In commit mode: seconds for which a message that is sent again is recognised, answered as before and not
    delivered again; 0 recognises none."""


class DestinationSettings(Settings):
    """What every destination over HTTP has."""

    url: str
    """Address of the store."""
    connections: int = Field(default=64, ge=1)
    """Connections to the store at once."""
    connect_seconds: Seconds = Field(default=5, gt=0)
    """Longest wait for a connection."""
    read_seconds: Seconds = Field(default=60, gt=0)
    """Longest silence of the store while its reply is awaited."""
    concurrency: int = Field(default=16, ge=1)
    """In commit mode: requests under way at once."""
    max_attempts: int | None = Field(default=None, ge=1)
    """In commit mode: tries before a message is parked; by default it is tried for ever."""
    max_age: Seconds | None = Field(default=None, gt=0)
    """In commit mode: seconds since its receipt after which a message that still fails is parked; by default never."""
    on_refused: Literal["park_key", "skip"] = "skip"
    """In commit mode: whether messages with the same ordering key wait behind a parked one, or pass it."""


SecretFile = Path
"""A file whose stripped text is the secret; it is read again when it changes."""
