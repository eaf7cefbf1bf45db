"""Settings of a destination that takes HL7v2 over MLLP."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from adapters.mllp.client.answers import Meaning, check_key
from adapters.mllp.framing import BlockEnd
from gateway.contract.settings import ClientTlsSettings, Count, DeliverySettings, Host, RetryLimits, Seconds

LONGEST_PAUSE = 300.0


class MllpDestinationSettings(DeliverySettings):
    """A system that takes HL7v2 over MLLP."""

    kind: Literal["mllp"]
    """A hospital system, or an interface engine, that takes HL7v2 over MLLP."""
    host: Host
    """Address or name of the receiver."""
    port: int = Field(ge=1, le=65535)
    """Its TCP port."""
    tls: ClientTlsSettings | None = None
    """TLS: the CAs that Hilum trusts for the receiver, and the client certificate that it presents; without it messages
    go in the clear. `tls: {}` uses the system's CAs and no certificate."""
    connections: Count = Field(default=1, ge=1)
    """Most connections at once, each with one message outstanding. Many receivers take only one."""
    reuse: Literal["auto", "always", "never"] = "auto"
    """Whether a connection carries several messages. `auto`: until the receiver has closed the connection right behind
    an answer twice in a row, or has repeated an old answer twice; then each message has its own."""
    connect_seconds: Seconds = Field(default=5, gt=0)
    """Longest wait for a connection."""
    answer_seconds: Seconds = Field(default=20, gt=0)
    """Longest wait for the answer to a message. Together with ``connect_seconds`` it should be below ``within`` of the
    routes that relay to it."""
    application_seconds: Seconds = Field(default=10, gt=0)
    """In enhanced mode: longest wait for the application acknowledgement behind the commit acknowledgement, where it is
    waited for: in relay mode if the sender asks for it (MSH-16 is AL, SU or ER), in commit mode with `settles:
    application`. With ER no answer comes for a message without errors, so each such message takes this time."""
    idle_seconds: Seconds = Field(default=60, gt=0)
    """A connection that was idle for this time is closed; firewalls drop such connections without a sign."""
    mllp_release: Literal[1, 2] = 1
    """Release of the MLLP standard. In release 2 the receiver answers each block with one octet, `06` (stored) or `15`
    (not stored)."""
    block_end: BlockEnd = "1c0d"
    """What ends the receiver's answers: `1c` is for receivers that leave out the final carriage return."""
    acknowledged_id: Literal["whole", "first_20"] = "whole"
    """What MSA-2 of an answer must be: the whole MSH-10 of the message, or that or its first 20 characters."""
    lenient_ack: bool = False
    """Whether an acknowledgement that names no message (MSA-2 is empty) counts; needs `reuse: never`."""
    answers: dict[Annotated[str, AfterValidator(check_key)], Meaning] = Field(default_factory=dict)
    """What this receiver means by its negative acknowledgements, where it differs from the defaults. Keys: `AE`, `CE`,
    `AR`, `CR` (MSA-1), `ERR-3 207`, `AR ERR-3 207`; the most specific one counts. Values: `park`, `retry`. By default
    AE and CE are parked and AR and CR are tried again; ERR-3 206 and 207 are tried again, 100 to 104 and 200 to 205 are
    parked. In commit mode a message that an earlier attempt may have stored, as each that waited over a restart, counts
    as stored if its only error is ERR-3 205 (duplicate key): a receiver that says so of a patient or an order that it
    has needs `ERR-3 205: park`. In relay mode the sender gets the acknowledgement itself."""
    max_retries: Count = Field(default=10, ge=1)
    """In commit mode: negative acknowledgements that mean *retry* before a message is parked."""
    max_unanswered: Count = Field(default=20, ge=1)
    """In commit mode: attempts without an answer, each of which may have stored the message, before it is parked, but
    not within ``unanswered_seconds``."""
    unanswered_seconds: Seconds = Field(default=3600, ge=0)
    """In commit mode: the least time between the first and the last of ``max_unanswered`` attempts."""
    on_timeout: Literal["resend", "park"] = "resend"
    """In commit mode, what becomes of a message that may be stored, because its answer did not come: it is sent again
    with the same MSH-10, or parked at once. After a restart, messages that were under way are sent again."""
    on_park: Literal["continue", "hold_key"] = "continue"
    """In commit mode: whether messages with the same ordering key wait behind a parked one (`hold_key`) or pass it."""
    settles: Literal["commit", "application"] = "commit"
    """In commit mode: whether a positive commit acknowledgement (CA) settles a message that asks for an application
    acknowledgement too, or only that one. It may come on any connection to the receiver, or from its address to an
    `mllp` listener of this gateway. It names the message by MSH-10 alone: where another message of that MSH-10 may be
    meant, here or at a destination with the same address, it does not count, and the message may be stored."""
    ask: bool = True
    """In commit mode: a message whose MSH-15 and MSH-16 ask for no answer to a message that is stored is sent without
    them, so that the receiver confirms it. `false` sends it as it is; nothing confirms it then, and it is parked as
    maybe stored."""

    @property
    def most_at_once(self) -> int:
        """Most messages in progress at once: while some are under way, the outcome of others is written."""
        return 2 * self.connections

    @property
    def most_connections(self) -> int:
        """Most connections at once."""
        return self.connections

    @property
    def retry_limits(self) -> RetryLimits:
        """How often commit mode tries a message again."""
        resends = self.on_timeout == "resend"
        return RetryLimits(
            self.max_retries,
            None,
            self.max_unanswered if resends else 1,
            self.unanswered_seconds if resends else 0.0,
            LONGEST_PAUSE,
            doubtful_steps=1,
            holds_key=self.on_park == "hold_key",
        )

    @model_validator(mode="after")
    def _unnamed_answers_cannot_be_mixed_up(self) -> Self:
        if self.lenient_ack and self.reuse != "never":
            raise ValueError(
                "lenient_ack would credit a late answer to another message on the same connection; add `reuse: never`"
            )
        if self.mllp_release == 2 and self.settles == "application":
            raise ValueError("settles: application has no effect with mllp_release: 2; remove one of them")
        return self
