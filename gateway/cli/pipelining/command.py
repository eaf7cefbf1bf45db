"""``hilum pipeline CONFIG ACTION``: opens the pipeline of a configuration, and does what is asked for."""

from argparse import Namespace
from collections.abc import Sequence
from functools import partial

from gateway import __version__
from gateway.audit.opening import open_audit
from gateway.cli.pipelining.opener import Opener
from gateway.cli.pipelining.showing import RunBar, forgotten_lines, report_lines, run_lines, show, status_lines
from gateway.cli.pipelining.watching import notified, watch
from gateway.cli.spool_audit import open_trail
from gateway.cli.spool_operator import operator_name, say
from gateway.config.parts import PipelinePart, load_part
from gateway.contract.acts import Act, Moved
from gateway.contract.errors import ConfigError
from gateway.contract.message import Subject
from gateway.contract.pipeline import Parts, Pipeline, PipelineError, RunFacts
from gateway.kinds import OPEN_PIPELINE, PIPELINE_PROBLEMS
from gateway.process.loop import run_loop, stop_on_signals
from gateway.telemetry.metrics import Metrics

DONE, FAILED = 0, 1


def pipeline(options: Namespace) -> int:
    """Do one of the actions; return 1 if something of it failed."""
    if (options.action == "forget") != (len(options.what) == 2) or (options.action != "forget" and options.what):
        raise ConfigError("ACTION: `forget` needs HOSPITAL and UID, and the others need nothing; see --help")
    config = load_part(options.config, PipelinePart)
    if problems := list(PIPELINE_PROBLEMS(config.model_dump(mode="json"))):
        raise ConfigError(*problems)
    try:
        return _done(options, config, opened(config))
    except PipelineError as error:
        say(f"hilum: {error}")
        return FAILED


def opened(config: PipelinePart) -> Pipeline:
    """Return the pipeline of a configuration; raises PipelineError."""
    step = config.steps[config.pipeline.via]
    return OPEN_PIPELINE(Parts(config.pipeline, step, config.domains, Opener(config.buckets), __version__))


def _done(options: Namespace, config: PipelinePart, found: Pipeline) -> int:
    match options.action:
        case "status":
            facts = found.status()
            show(options, facts, status_lines(facts))
            return DONE
        case "report":
            report = found.report()
            show(options, report, report_lines(report))
            return DONE
        case "forget":
            return run_loop(_forget(options, found, options.what))
        case "retry":
            say(f"hilum: {found.retry()} dead letters are tried again")
    return run_loop(_run(options, config, found))


async def _run(options: Namespace, config: PipelinePart, found: Pipeline) -> int:
    """Run once, or with --watch until a signal comes."""
    if not options.watch:
        return DONE if (await _run_once(options, config, found)).is_good else FAILED
    stop = stop_on_signals()
    async with notified(config) as told:
        await watch(partial(_run_once, options, config, found), stop, config.pipeline.watch_seconds, told)
    return DONE


async def _run_once(options: Namespace, config: PipelinePart, found: Pipeline) -> RunFacts:
    """Run, and tell the audit trail that something went to the public side."""
    bar = RunBar()
    async with open_audit(config.audit, Metrics(), lambda *_: Subject()) as audit:
        moved = Moved("export", operator_name(), "research pipeline", f"public side ({config.pipeline.public.tables})")
        facts: RunFacts | None = None
        try:
            facts = await found.run(bar.step, options.driver)
        finally:
            bar.erase()
            if facts is None or facts.has_written:
                audit.moved(moved, facts.objects if facts else 0, is_done=facts is not None and facts.is_good)
    if facts.done or facts.has_written or not options.watch or not facts.is_good:
        show(options, facts, run_lines(facts))
    return facts


async def _forget(options: Namespace, found: Pipeline, what: Sequence[str]) -> int:
    """Forget, and tell the audit trail of it, without the name of who is forgotten."""
    hospital, uid = what
    async with open_trail(options) as tell:
        act = Act(operator_name(), f"forgot a patient, study or instance of {hospital}", on="research pipeline")
        try:
            gone = await found.forget(hospital, uid)
        except BaseException:
            await tell(Act(act.by, act.what, is_done=False, on=act.on))
            raise
        await tell(act)
    show(options, gone, forgotten_lines(gone))
    return DONE
