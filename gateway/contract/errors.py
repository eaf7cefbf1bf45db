"""The exceptions of Hilum: for its own faults and the operator's mistakes, never for a fault of a peer or a store.

* :class:`GatewayError`

  * :class:`ConfigError` (a mistake of the operator: in a setting, a port, a file)
  * :class:`LocalProtocolError` (a bug in Hilum: a protocol core was called in the wrong state)
  * :class:`StepRefused` (a mistake in a message that a step finds while it reads the body)
  * ``SpoolError`` in ``gateway.spool.interface`` (a fault of the disk: the spool cannot be read now)

    * ``PayloadDamaged`` (the octets on the disk are not those that were written)

A fault of a peer is an event of its protocol core; a fault of a store is an ``Outcome``. Neither is raised.
The text of these errors never contains payload.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.contract.outcome import Refused


class GatewayError(Exception):
    """Base of every error that Hilum raises on purpose."""


class ConfigError(GatewayError):
    """A mistake that the operator can correct. *problems* are whole lines, each with place, reason and correction."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class LocalProtocolError(GatewayError):
    """Hilum called a protocol core in a state that does not allow the call: a bug."""


class StepRefused(GatewayError):  # noqa: N818 - it names what happened
    """A step refuses a message while its body is being read; *refused* is the outcome.

    A step raises it without its name, which only the daemon knows; *step* is the name once the reason has it.
    """

    def __init__(self, refused: "Refused", step: str | None = None) -> None:
        super().__init__(refused.reason)
        self.refused = refused
        self.step = step
