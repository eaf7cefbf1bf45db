"""``hilum fhir``: converts the messages in files to FHIR and says what is left out, without a network."""

import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import msgspec

from gateway.config.loading import load
from gateway.contract.body import WholeBody
from gateway.contract.errors import ConfigError
from gateway.contract.kind import Explain, StepKind
from gateway.contract.message import Message
from gateway.contract.outcome import Refused
from gateway.contract.settings import Settings
from gateway.kinds import KINDS
from gateway.telemetry.terminal import visible

KIND, LISTENER = "hl7v2_to_fhir", "mllp"


def convert(options: Namespace) -> int:
    """Print the bundle of each message, and what of it is left out; return 1 if a message is refused."""
    explain = _explainer(KINDS.steps[KIND], options)
    good = True
    for path in options.paths:
        for message, data in _messages(path):
            made, report = explain(message, data)
            good = good and not isinstance(made, Refused)
            for line in _lines(f"{path} {message.identifiers.get('control_id', '')}".strip(), made, report, options):
                print(line)  # noqa: T201  it is the command's result
    return 0 if good else 1


def _explainer(kind: StepKind, options: Namespace) -> Explain:
    if kind.explain is None:
        raise ConfigError(f"{kind.name}: this kind of step cannot be tried; it was replaced by another package")
    try:
        return kind.explain(_settings(kind, options))
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _settings(kind: StepKind, options: Namespace) -> Settings:
    """Return the settings of a step of the configuration, or the defaults."""
    if options.config is None:
        return kind.settings.model_validate({"kind": KIND})
    steps = {name: step for name, step in load(options.config).steps.items() if step.kind == KIND}
    if options.step is None and len(steps) == 1:
        return next(iter(steps.values()))
    if options.step not in steps:
        names = ", ".join(sorted(steps)) or "none"
        raise ConfigError(f"--step: name a step of kind {KIND} of the configuration; it has {names}")
    return steps[options.step]


def _messages(path: Path) -> Iterator[tuple[Message, bytes]]:
    read_file = KINDS.listeners[LISTENER].read_file
    assert read_file is not None  # noqa: S101  the listener of MLLP reads files
    try:
        octets = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        for message in read_file(octets, LISTENER):
            assert isinstance(message.body, WholeBody)  # noqa: S101  a message of a file is whole
            yield message, message.body.data
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from None


def _lines(name: str, made: bytes | Refused, report: tuple[str, ...], options: Namespace) -> Iterator[str]:
    if options.json:
        whole = {"refused": made.reason} if isinstance(made, Refused) else {"bundle": None, "left_out": list(report)}
        text = json.dumps({"message": name, **whole}, ensure_ascii=False)
        yield text if isinstance(made, Refused) else text.replace('"bundle": null', f'"bundle": {made.decode()}', 1)
        return
    if isinstance(made, Refused):
        yield visible(f"{name}: refused: {made.reason}")
        return
    yield visible(f"{name}:")
    yield from map(visible, msgspec.json.format(made, indent=2).decode().splitlines())  # keeps the digits of numbers
    yield f"left out or changed: {len(report)}"
    yield from (f"  {visible(each)}" for each in report)
