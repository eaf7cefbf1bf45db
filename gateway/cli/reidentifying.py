"""``hilum reidentify``: what pseudonyms stand for, by the crosswalk only; every use is an event of the audit trail.

Nothing is printed unless the event is written: the question is audited, and it was answered only then.
"""

import json
from argparse import Namespace
from collections.abc import Iterator

from gateway.audit.opening import open_audit_of_acts
from gateway.cli.deidentifying.command import work_of
from gateway.cli.spool_operator import operator_name, say
from gateway.config.parts import AuditPart, StepsPart, load_part
from gateway.contract.acts import Act
from gateway.contract.errors import ConfigError, GatewayError
from gateway.contract.release import Original
from gateway.kinds import KINDS
from gateway.process.loop import run_loop
from gateway.spool.operating.selection import read_reason
from gateway.telemetry.terminal import visible

DONE, FAILED = 0, 1
MOST = 1000
NO_AUDIT = "audit: is not configured, but every re-identification is audited; add it"
NOT_AUDITED = "nothing is printed, because the audit trail has no event of it: {}; correct the sink"


class NotAuditedError(GatewayError):
    """The event of the question could not be written."""


def reidentify(options: Namespace) -> int:
    """Print what the pseudonyms stand for; return 1 if one is not known, or if the question could not be audited."""
    reason = read_reason({"reason": options.reason})
    asked = list(dict.fromkeys(options.pseudonyms))
    if len(asked) > MOST:
        raise ConfigError(f"PSEUDONYM: are more than {MOST}; ask in several commands")
    _require_audit(options)
    found = _found(options, asked)
    try:
        run_loop(_audit(options, asked, found, reason))
    except GatewayError as error:
        if isinstance(error, ConfigError):
            raise
        say(f"hilum: {error}")
        return FAILED
    for line in _lines(asked, found, as_json=options.json):
        print(line)  # noqa: T201  it is the command's result
    missing = len(asked) - len(found)
    if missing:
        say(f"hilum: {missing} of {len(asked)} pseudonyms are not in the crosswalk of step {options.step}")
    return FAILED if missing else DONE


def _require_audit(options: Namespace) -> None:
    if load_part(options.config, AuditPart).audit is None:
        raise ConfigError(NO_AUDIT)


def _found(options: Namespace, asked: list[str]) -> dict[str, Original]:
    """Return what each pseudonym that is known stands for; raises ConfigError if there is no crosswalk."""
    work = work_of(load_part(options.config, StepsPart), options.step, options.config)
    kind = KINDS.steps[work.settings.kind]
    if kind.reidentify is None:
        raise ConfigError(f"--step: {options.step}: makes no pseudonyms; name a step of kind deidentify")
    try:
        with kind.reidentify(work.settings) as original_of:
            originals = {each: original_of(each) for each in asked}
    except ValueError as error:
        raise ConfigError(f"steps.{options.step}.{error}") from None
    return {pseudonym: each for pseudonym, each in originals.items() if each is not None}


async def _audit(options: Namespace, asked: list[str], found: dict[str, Original], reason: str) -> None:
    names = ", ".join(visible(each[:64]) if each in found else "(unknown)" for each in asked)
    what = f"re-identified: {len(found)} of {len(asked)} pseudonyms; step: {options.step}; pseudonyms: {names}"
    async with open_audit_of_acts(load_part(options.config, AuditPart).audit, grace=0) as tell:
        why = await tell(Act(operator_name(), what, reason, on="crosswalk"))
    if why:
        raise NotAuditedError(NOT_AUDITED.format("; ".join(why)))


def _lines(asked: list[str], found: dict[str, Original], *, as_json: bool) -> Iterator[str]:
    for pseudonym in asked:
        original = found.get(pseudonym)
        if original is None:
            continue
        if as_json:
            named = {"purpose": original.purpose, "domain": original.domain, "value": original.value}
            yield json.dumps({"pseudonym": pseudonym, **named}, ensure_ascii=False)
        else:
            yield visible(
                "  ".join(part for part in (pseudonym, original.purpose, original.domain, original.value) if part)
            )
