"""The command line: which words start which command."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gateway import __version__
from gateway.cli import commands
from gateway.cli.send import application_entity, host_and_port
from gateway.cli.send_options import add_dicom_options, add_options
from gateway.cli.spool_menu import add_spool
from gateway.contract.errors import ConfigError
from gateway.telemetry import log


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = build_parser().parse_args(arguments)
    log.configure(options.log_format, options.log_level, for_good=True)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except ConfigError as error:
        for problem in error.problems:
            print(f"hilum: {problem}", file=sys.stderr)  # noqa: T201  the command line speaks to a person
        return commands.MISTAKEN


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; it puts the chosen one into ``run``."""
    parser = argparse.ArgumentParser(prog="hilum", description="A gateway from HL7v2 and DICOM to HTTP stores.")
    parser.add_argument("--version", action="version", version=f"hilum {__version__}")
    menu = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (_add_daemon, _add_stores, _add_senders):
        add(menu)
    add_spool(menu, _command)
    return parser


def _command(menu: Any, name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = menu.add_parser(name, help=text, description=text)
    command.add_argument("--log-format", choices=["json", "console"], default="json", help="for programs or for people")
    command.add_argument("--log-level", choices=["debug", "info", "warning", "error"], default="info")
    command.set_defaults(run=run)
    return command


def _add_daemon(menu: Any) -> None:
    serve = _command(menu, "serve", commands.serve, "run until SIGTERM or SIGINT")
    serve.add_argument("config", type=Path, metavar="CONFIG")
    check = _command(menu, "check", commands.check, "report every mistake in a configuration")
    check.add_argument("config", type=Path, metavar="CONFIG")
    trial = _command(menu, "try", commands.try_route, "print what a route's steps make of files, without a network")
    trial.add_argument("config", type=Path, metavar="CONFIG")
    trial.add_argument("--route", type=int, required=True, metavar="N", help="which one, counted from 0")
    trial.add_argument("paths", type=Path, nargs="+", metavar="FILE")
    _command(menu, "schema", commands.schema, "print the JSON Schema of the configuration")


def _add_stores(menu: Any) -> None:
    sandbox = _command(menu, "sandbox", commands.sandbox, "run the embedded stores alone")
    sandbox.add_argument("--port", type=int, default=8090, metavar="N", help="TCP port (default 8090)")
    sandbox.add_argument("--data", type=Path, default=Path("hilum-sandbox"), metavar="DIR", help="folder of the stores")
    demo = _command(menu, "demo", commands.demo, "gateway, stores and sample messages through real sockets")
    demo.add_argument("--once", action="store_true", help="stop after the table")
    demo.set_defaults(log_level="error")


def _add_senders(menu: Any) -> None:
    send = menu.add_parser("send", help="send files, print each answer")
    kinds = send.add_subparsers(required=True, metavar="KIND")
    hl7 = _command(kinds, "hl7", commands.send_hl7, "send files over MLLP, print each answer")
    hl7.add_argument("address", type=host_and_port, metavar="HOST:PORT")
    hl7.add_argument("paths", type=Path, nargs="+", metavar="FILE")
    add_options(hl7, seconds=30)
    dicom = _command(kinds, "dicom", commands.send_dicom, "C-STORE files and folders, print each status")
    dicom.add_argument("address", type=application_entity, metavar="AET@HOST:PORT")
    dicom.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    add_options(dicom, seconds=60)
    add_dicom_options(dicom)
    echo = _command(menu, "echo", commands.echo, "C-ECHO")
    echo.add_argument("address", type=application_entity, metavar="AET@HOST:PORT")
    add_options(echo, seconds=30)
    add_dicom_options(echo)


if __name__ == "__main__":
    sys.exit(main())
