"""The error tree: our own faults and the operator's, never a peer's or a store's.

* :class:`GatewayError`

  * :class:`ConfigError` (the operator's: a setting, a port, a file)
  * :class:`LocalProtocolError` (ours: a protocol core was called out of turn)
  * :class:`StepRefused` (the message's: a step cannot take the rest of its body)
  * ``SpoolError`` in ``gateway.spool.interface`` (the disk's: the spool cannot be read just now)

    * ``PayloadDamaged`` (what is on the disk is not what was written)

What a peer does wrong is an event of its protocol core; what a store does wrong is an ``Outcome``. Neither is raised.
No message of these errors holds a byte of payload.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.contract.outcome import Refused


class GatewayError(Exception):
    """Base of every error that Hilum raises on purpose."""


class ConfigError(GatewayError):
    """The operator can mend this; *problems* are complete lines, each naming the place, the reason and the mend."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class LocalProtocolError(GatewayError):
    """Hilum's own code used a protocol core in a state that does not allow it."""


class StepRefused(GatewayError):  # noqa: N818 - it names what happened
    """A step found out in the middle of a body that the message cannot go on; *refused* is the outcome.

    A step raises it without its name, which only the daemon knows; *step* is the name once the reason has it.
    """

    def __init__(self, refused: "Refused", step: str | None = None) -> None:
        super().__init__(refused.reason)
        self.refused = refused
        self.step = step
