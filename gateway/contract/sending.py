"""Types shared by the sending commands and the adapters that send."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

NO_ANSWER = "-"
"""In place of an answer, where one was due and none came."""
SKIPPED = "skip"
"""In place of an answer, where a file was not sent on purpose."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to one sent message or instance."""

    source: str
    """The file it came from."""
    identifier: str
    """Its control ID or SOP Instance UID."""
    answer: str
    """``AA``, ``0000``, …; ``none`` if the message asked for no answer; or the reason why there was no answer."""
    positive: bool
    detail: str = ""
    """The name of the answer and what the peer says of it, or why there is none."""
    is_skipped: bool = False
    """Whether it is a file that was not sent on purpose."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What is being done, for who watches."""

    doing: str
    done: int = 0
    total: int | None = None
    """Of how many; None where that is not known."""


def _nobody_watches(_: Progress) -> None:
    return


@dataclass(frozen=True, slots=True)
class Address:
    """The address of the receiver."""

    host: str
    port: int
    ae_title: str = ""

    def __str__(self) -> str:
        """Return it as it is written on the command line."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.ae_title}@{host}:{self.port}" if self.ae_title else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class ClientTls:
    """TLS towards the peer."""

    context: "ssl.SSLContext"
    server_name: str | None = None
    """The name for which the peer must have its certificate; by default the host of its address."""


@dataclass(frozen=True, slots=True)
class SendOptions:
    """How to send. None is what the protocol of the peer has by default."""

    timeout: float | None = None
    """Seconds for each step: to connect, to be accepted, to be answered. They do not run while the peer takes data."""
    tls: ClientTls | None = None
    calling_ae_title: str = "HILUM"
    max_pdu: int | None = None
    """The longest P-DATA-TF taken, and the longest sent."""
    tell: Callable[[Progress], None] = _nobody_watches


DEFAULT = SendOptions()
