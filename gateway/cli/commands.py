"""The commands of the command line. Each returns an exit status."""

import json
import os
import sys
import tempfile
from argparse import Namespace
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import structlog

from gateway import app
from gateway.cli.answers import CONTROL_ID, SOP_INSTANCE_UID, Screen
from gateway.cli.ending import INTERRUPTED
from gateway.cli.send import echoer, sender
from gateway.cli.send_options import options_of
from gateway.config import loading as config
from gateway.config.destinations import spool_notices
from gateway.config.origin import read_origin
from gateway.config.parts import unread_variables
from gateway.config.schema import json_schema
from gateway.contract.errors import ConfigError
from gateway.contract.listening import why_not_bound
from gateway.contract.sending import Answered, SendOptions
from gateway.flow.steps import check_steps
from gateway.limits.descriptors import needed, raise_limit
from gateway.process.announcing import announce, announce_failure
from gateway.process.exposure import warn_of_exposed_files
from gateway.process.hardening import harden_process
from gateway.process.loop import outlive_hangup, run_loop, stop_on_signals, tell_of_hangups
from gateway.process.memory import freeze_what_stays
from gateway.process.notices import notices
from gateway.process.supervisor import Supervisor
from gateway.telemetry.faults import install_exception_hooks
from gateway.telemetry.log import write_alone

DONE, FAILED, MISTAKEN, CUT_OFF = 0, 1, 2, 3
"""Exit statuses: success; an answer was not positive; the operator must correct something; peers were cut off."""
SWITCH_SECONDS = 0.0005
"""In the sandbox: how long a thread that examines instances may keep the loop from reading what arrives; Python's 5 ms
for each read made a request with several instances wait more than it worked."""
UNREAD = "the environment of this command has no {name}; `hilum serve` needs it"

log = structlog.get_logger()


def serve(options: Namespace) -> int:
    """Run the gateway until SIGTERM or SIGINT. The reason why it cannot start is logged as a line like all others.

    A mistake in the configuration stays until somebody corrects it. Whatever else keeps the gateway from starting (an
    address or a name that is not there yet, a full disk) may pass: a service manager tries again after FAILED.
    """
    outlive_hangup()
    status = MISTAKEN
    try:
        settings = config.load(options.config)
        status = FAILED
        return _serve(options, settings)
    except ConfigError as error:
        announce_failure(error)
        return status


def _serve(options: Namespace, settings: config.Config) -> int:
    announce(settings, options.config)
    origin = read_origin(options.config)
    harden_process()
    install_exception_hooks()
    raise_limit(needed(settings))
    warn_of_exposed_files(settings, settings.data_dir)
    for each in notices(settings):
        log.warning("configuration_noticed", notice=each)

    async def run() -> bool:
        stop = stop_on_signals()
        tell_of_hangups()
        if settings.workers == 1:
            write_alone()
            return await app.run(settings, stop, lambda _: freeze_what_stays(), origin=origin) > 0
        return await Supervisor(settings, options.log_format, options.log_level, origin).run(stop)

    return CUT_OFF if run_loop(run()) else DONE


def check(options: Namespace) -> int:
    """Print notices about a valid configuration; ``main`` prints the mistakes of an invalid one.

    Names of files that only the daemon reads may contain environment variables that only the daemon has.
    """
    unread = unread_variables(options.config)
    settings = config.load(options.config, os.environ | dict.fromkeys(unread, "unset"))
    if settings.steps:
        run_loop(check_steps(settings.steps, settings.domains))
    not_checked = (f"{', '.join(keys)}: not checked: {UNREAD.format(name=name)}" for name, keys in unread.items())
    for line in config.noticed(options.config, (*not_checked, *notices(settings), *spool_notices(settings))):
        print(line)  # noqa: T201  it is the command's result
    print(f"{options.config}: no mistakes")  # noqa: T201  it is the command's result
    return DONE


def try_route(options: Namespace) -> int:
    """Print the messages in files after the steps of a route, or which route they take and why."""
    from gateway.cli import explaining, trying  # noqa: PLC0415  only this command needs them

    return DONE if run_loop(explaining.explain(options) if options.explain else trying.try_route(options)) else FAILED


def schema(_: Namespace) -> int:
    """Print the JSON Schema of the configuration."""
    print(json.dumps(json_schema(), indent=2))  # noqa: T201  it is the command's result
    return DONE


def sandbox(options: Namespace) -> int:
    """Run the embedded stores until SIGTERM or SIGINT."""
    from gateway.cli.buckets import named_buckets  # noqa: PLC0415  the daemon does not need the stores in its memory
    from gateway.sandbox.server import Sandbox  # noqa: PLC0415  likewise

    buckets = named_buckets(options.bucket)
    sys.setswitchinterval(SWITCH_SECONDS)

    async def run() -> None:
        stop = stop_on_signals()
        harden_process()
        sandbox = Sandbox(
            options.data,
            port=options.port,
            buckets=buckets,
            strict=options.strict,
            owner=options.enforce_iam,
        )
        sandbox.fhir_options.index_delay = options.fhir_index_delay
        sandbox.fhir_options.requests_per_minute = options.fhir_quota
        async with sandbox as stores:
            log.info("sandbox_started", url=stores.url, data=str(options.data))
            await stop.wait()

    try:
        run_loop(run())
    except OSError as error:
        if error.filename is not None:
            where = f"sandbox: {error.filename}: cannot be used: {error.strerror}"
            raise ConfigError(f"{where}; name a folder with --data that you may write to") from None
        reason = why_not_bound(error, "127.0.0.1", options.port, "--port", "--port")
        raise ConfigError(f"sandbox: cannot start on port {options.port}: {reason}") from None
    return DONE


def demo(options: Namespace) -> int:
    """Run the gateway with sample messages; keep running unless ``--once`` is given."""
    from gateway.cli.demo import run_demo  # noqa: PLC0415  only this command needs it
    from gateway.cli.samples import samples_folder  # noqa: PLC0415  only this command needs it

    with tempfile.TemporaryDirectory(prefix="hilum-demo-") as folder:
        return DONE if run_loop(run_demo(Path(folder), samples_folder(), stay=not options.once)) else FAILED


def send_hl7(options: Namespace) -> int:
    """Send every message of the files and print its acknowledgement code."""
    return _print(options, lambda told: sender("mllp")(options.address, options.paths, told), CONTROL_ID)


def send_dicom(options: Namespace) -> int:
    """Send every instance and print its status."""
    return _print(options, lambda told: sender("dimse")(options.address, options.paths, told), SOP_INSTANCE_UID)


def echo(options: Namespace) -> int:
    """Send a C-ECHO to a DICOM peer and print its status."""
    return _print(options, lambda told: echoer("dimse")(options.address, told), 0)


def _print(options: Namespace, start: Callable[[SendOptions], AsyncIterator[Answered]], width: int) -> int:
    screen = Screen(width, is_single=width == 0)
    told = options_of(options, screen.tell)
    try:
        return DONE if run_loop(screen.show(start(told))) else FAILED
    except KeyboardInterrupt:
        print("interrupted: files without a line above have no answer", file=sys.stderr)  # noqa: T201  to a person
        return INTERRUPTED
