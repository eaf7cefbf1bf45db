"""The audit trail of ``hilum spool``: a command whose event could not be written says so and ends with an error."""

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from gateway.audit.opening import open_audit_of_acts
from gateway.cli.spool_operator import say
from gateway.config.parts import AuditPart, load_part
from gateway.contract.acts import Act, TellAct
from gateway.contract.errors import GatewayError


class NotAudited(GatewayError):  # noqa: N818 - it names what happened
    """The command is done, but its event is not in the audit trail."""


@asynccontextmanager
async def open_trail(options: Namespace) -> AsyncIterator[TellAct]:
    """Yield the function that reports acts. Raises NotAudited at the end if a sink has not written one of them.

    If the command failed too, its own error goes on, and the missing event is a line on stderr.
    """
    missing = list[str]()
    # Only commands that change something or print a payload read the settings of the audit trail.
    async with open_audit_of_acts(load_part(options.config, AuditPart).audit, grace=0) as tell:

        async def tell_and_check(act: Act) -> Sequence[str]:
            try:
                why = await tell(act)
            except asyncio.CancelledError:
                missing.append(_text(act, ["interrupted"]))
                raise
            if why:
                missing.append(_text(act, why))
            return why

        try:
            yield tell_and_check
        except BaseException:
            for each in missing:
                say(f"hilum: {each}")
            raise
    if missing:
        raise NotAudited("; ".join(missing))


def _text(act: Act, why: Sequence[str]) -> str:
    done = "is done" if act.is_done else "failed, and may be done in part"
    return (
        f"{act.what}; by {act.by}: this {done}, but its event is not in the audit trail ({'; '.join(why)});"
        " keep this line as the record, and correct the sink"
    )
