"""The command line: parses the arguments and runs the chosen command."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateway import __version__
from gateway.cli import sandbox_options
from gateway.cli.configuration_text import ACKNOWLEDGE
from gateway.cli.deidentifying.menu import add_deidentifying
from gateway.cli.ending import run_to_end
from gateway.cli.examples import CODES, epilog_of
from gateway.cli.importing.menu import add_moving
from gateway.cli.later import LaterModule, Run
from gateway.cli.operating.journal_menu import add_journal
from gateway.cli.operating.menu import add_operating
from gateway.cli.pipelining.menu import add_pipelining
from gateway.cli.send_options import add_dicom_options, add_options, at_least_one, seconds
from gateway.cli.spool_menu import add_spool
from gateway.cli.store_choices import DICOM_STORES, HL7_STORES, RESULT_RECEIVERS
from gateway.cli.tabling.menu import add_tabling
from gateway.contract.errors import ConfigError

commands = LaterModule("gateway.cli.commands")
sending = LaterModule("gateway.cli.send")
setup = LaterModule("gateway.cli.init")
fhir = LaterModule("gateway.cli.fhir")
prepared = LaterModule("gateway.cli.prepared.command")
scripts = LaterModule("gateway.cli.completion")
MISTAKEN = 2
LEVELS = ("debug", "info", "warning", "error")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    return run_to_end(lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    options = None
    try:
        options = build_parser().parse_args(arguments)
        if hasattr(options, "log_format"):
            from gateway.telemetry import log  # noqa: PLC0415  `hilum --version` shall not import structlog

            log.configure(options.log_format, options.log_level, for_good=True)
        run: Run = options.run
        return run(options)
    except ConfigError as error:
        for problem in _with_places(options, error.problems):
            print(f"hilum: {problem}", file=sys.stderr)  # noqa: T201  the command line speaks to a person
        return MISTAKEN


def _with_places(options: argparse.Namespace | None, problems: Sequence[str]) -> Sequence[str]:
    """Return *problems*; those of a configuration get their place in its file."""
    path = getattr(options, "config", None)
    loading = sys.modules.get("gateway.config.loading")  # absent if no command has read the file
    return loading.located(path, problems) if loading is not None and isinstance(path, Path) else problems


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; it stores the function of the chosen command in ``run``."""
    parser = argparse.ArgumentParser(
        prog="hilum",
        description="A gateway from HL7v2 and DICOM to HTTP stores.",
        epilog=f"`hilum COMMAND --help` shows examples.\n\n{CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"hilum {__version__}")
    menu = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (_add_daemon, _add_stores, _add_senders):
        add(menu)
    add_operating(menu, _plain_command)
    add_spool(menu, _command)
    add_journal(menu, _command)
    add_deidentifying(menu, _command)
    add_tabling(menu, _command)
    add_moving(menu, _command)
    add_pipelining(menu, _command)
    _add_setup(menu, parser)
    _add_endings(menu)
    return parser


def _add_endings(menu: Any) -> None:
    """Append examples and exit codes to the help of every command of *menu*."""
    for command in menu.choices.values():
        command.formatter_class = argparse.RawDescriptionHelpFormatter
        command.epilog = epilog_of(command.prog)
        for action in command._actions:  # noqa: SLF001  argparse has no public access to them
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  argparse has no public name for it
                _add_endings(action)


def _plain_command(menu: Any, name: str, run: Run, text: str) -> argparse.ArgumentParser:
    """Add a command without options for logging."""
    command: argparse.ArgumentParser = menu.add_parser(name, help=text, description=text)
    command.set_defaults(run=run)
    return command


def _command(menu: Any, name: str, run: Run, text: str) -> argparse.ArgumentParser:
    command = _plain_command(menu, name, run, text)
    command.add_argument(
        "--log-format",
        choices=["json", "console"],
        default="json",
        help="format of log lines: for programs or for people",
    )
    command.add_argument("--log-level", choices=LEVELS, default="info", help="lowest level that is logged")
    return command


def _add_daemon(menu: Any) -> None:
    serve = _command(menu, "serve", commands.serve, "run the gateway until SIGTERM or SIGINT")
    serve.add_argument("config", type=Path, metavar="CONFIG")
    check = _command(menu, "check", commands.check, "report every mistake in a configuration")
    check.add_argument("config", type=Path, metavar="CONFIG")
    _add_try(menu)
    _add_fhir(menu)
    _command(menu, "schema", commands.schema, "print the JSON Schema of the configuration")


def _add_try(menu: Any) -> None:
    text = "show how a route's steps change the messages in files, or which route they take, without a network"
    trial = _command(menu, "try", commands.try_route, text)
    trial.add_argument("config", type=Path, metavar="CONFIG")
    what = trial.add_mutually_exclusive_group(required=True)
    what.add_argument("--route", type=int, metavar="N", help="apply the steps of this route, counted from 0")
    what.add_argument(
        "--explain", action="store_true", help="print which route takes each message, and why others do not"
    )
    trial.add_argument("--listener", metavar="NAME", help="with --explain: the listener that receives the files")
    help_text = "with --explain: a fact that is not in the file, such as peer_ip=10.0.0.5 or calling_ae_title=CT1"
    trial.add_argument("--fact", action="append", default=[], metavar="NAME=VALUE", help=help_text)
    trial.add_argument("paths", type=Path, nargs="+", metavar="FILE")


def _add_fhir(menu: Any) -> None:
    text = "convert the HL7v2 messages in files to FHIR R4, and list what is left out, without a network"
    trial = _command(menu, "fhir", fhir.convert, text)
    trial.add_argument("paths", type=Path, nargs="+", metavar="FILE")
    trial.add_argument("--config", type=Path, metavar="CONFIG", help="take the settings of a step from this file")
    trial.add_argument("--step", metavar="NAME", help="with --config: the step, if there are several of this kind")
    trial.add_argument("--json", action="store_true", help="print one JSON object for each message")


def _add_stores(menu: Any) -> None:
    sandbox = _command(menu, "sandbox", commands.sandbox, "run the embedded stores alone")
    sandbox_options.add_options(sandbox)
    demo = _command(
        menu, "demo", commands.demo, "run gateway and stores, and send sample messages through real sockets"
    )
    demo.add_argument("--once", action="store_true", help="stop after the table")
    demo.set_defaults(log_level="error")


def _add_senders(menu: Any) -> None:
    send = menu.add_parser("send", help="send files, print each answer")
    kinds = send.add_subparsers(required=True, metavar="KIND")
    hl7 = _command(kinds, "hl7", commands.send_hl7, "send files over MLLP, print each answer")
    hl7.add_argument("address", type=sending.host_and_port, metavar="HOST:PORT")
    hl7.add_argument("paths", type=Path, nargs="+", metavar="FILE")
    add_options(hl7, default=30)
    dicom = _command(kinds, "dicom", commands.send_dicom, "C-STORE files and folders, print each status")
    dicom.add_argument("address", type=sending.application_entity, metavar="AET@HOST:PORT")
    dicom.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    add_options(dicom, default=60)
    add_dicom_options(dicom)
    _add_fhir_sender(kinds)
    echo = _command(menu, "echo", commands.echo, "send a C-ECHO, print its status")
    echo.add_argument("address", type=sending.application_entity, metavar="AET@HOST:PORT")
    add_options(echo, default=30)
    add_dicom_options(echo)


def _add_fhir_sender(kinds: Any) -> None:
    text = "send prepared FHIR files (resources, bundles, NDJSON) through a destination, print what is refused"
    command = _command(kinds, "fhir", prepared.send_fhir, text)
    command.add_argument("config", type=Path, metavar="CONFIG")
    command.add_argument("destination", metavar="DESTINATION", help="its name in the configuration")
    command.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="a file, or a folder with files")
    command.add_argument(
        "--concurrency", type=at_least_one, metavar="N", help="records at a time (default: as configured)"
    )
    command.add_argument(
        "--patience",
        type=seconds,
        default=300.0,
        metavar="SECONDS",
        help="how long to try again while the destination takes nothing (default 300)",
    )
    command.add_argument(
        "--progress", type=Path, metavar="FILE", help="where to keep what has been sent (default: below data_dir)"
    )
    command.add_argument("--restart", action="store_true", help="send everything again, whatever was sent before")


def _add_setup(menu: Any, parser: argparse.ArgumentParser) -> None:
    init = _plain_command(menu, "init", setup.init, "write a configuration with comments for your peers and stores")
    init.add_argument("file", nargs="?", default="hilum.yaml", metavar="FILE", help="default hilum.yaml; - is stdout")
    init.add_argument("--hl7", choices=[*HL7_STORES, "none"], help="where HL7v2 messages go")
    init.add_argument("--hl7-url", metavar="URL", help="address of that store; mllp://HOST:PORT for mllp")
    init.add_argument("--dicom", choices=[*DICOM_STORES, "none"], help="where DICOM instances go")
    init.add_argument("--dicom-url", metavar="URL", help="address of that store")
    init.add_argument("--results", choices=[*RESULT_RECEIVERS, "none"], help="where messages of an HL7v2 store go")
    init.add_argument("--results-url", metavar="URL", help="address of that system: mllp://HOST:PORT")
    init.add_argument(
        "--acknowledge",
        choices=ACKNOWLEDGE,
        help="when to answer: relay (after the store) or commit (at once, from the spool)",
    )
    init.add_argument("--data-dir", metavar="DIR", help="folder of the spool (default /var/lib/hilum)")
    completion = _plain_command(menu, "completion", scripts.completion, "print the completion script for a shell")
    completion.add_argument("shell", choices=["bash", "zsh", "fish"], metavar="SHELL", help="bash, zsh or fish")
    completion.set_defaults(parser=parser)


if __name__ == "__main__":
    sys.exit(main())
