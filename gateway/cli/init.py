"""``hilum init``: writes a configuration file; on a terminal, asks for choices that have no option."""

import os
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path

from gateway.cli.configuration_text import ACKNOWLEDGE, DATA_DIR, Choice, configuration_text
from gateway.cli.store_choices import DICOM_STORES, HL7_STORES, RESULT_RECEIVERS, Store
from gateway.config.loading import parse
from gateway.config.yaml_text import VARIABLE
from gateway.contract.errors import ConfigError

NO_STORE = (
    "init: no store is chosen; add --hl7, --dicom or --results, for example `hilum init --hl7 http --dicom orthanc`"
)
NOTHING_WRITTEN = "init: ended before the last answer; nothing was written"
STDOUT = "-"
DEFAULT = asdict(Choice())


def init(options: Namespace) -> int:
    """Write the configuration, or print it if FILE is ``-``; an existing file is never overwritten."""
    if options.file != STDOUT and Path(options.file).exists():
        raise ConfigError(_refusal(options.file))
    choice = _asked(options) if sys.stdin is not None and sys.stdin.isatty() else _given(options)
    _say(_check(choice))
    text = configuration_text(choice)
    if options.file == STDOUT:
        print(text, end="")  # noqa: T201  it is the command's result
        return 0
    _write(Path(options.file), text)
    print(  # noqa: T201  likewise
        f"{options.file} is written. Read it, change what is different for you, then run: hilum check {options.file}"
    )
    return 0


def _check(choice: Choice) -> Iterator[str]:
    """Raise ConfigError where a choice is not valid; yield a line for each variable that the environment has not.

    What such a variable stands in cannot be checked yet: `hilum serve` may have another environment.
    """
    absent = {name: _absent(value) for name, value in asdict(choice).items()}
    for flag, store, url in _receivers(choice):
        try:
            store.address(url or store.url)
        except ValueError as error:
            raise ConfigError(f"init: {flag}-url: {error}") from None
    parse(configuration_text(replace(choice, **{name: DEFAULT[name] for name, found in absent.items() if found})))
    for name in dict.fromkeys(chain.from_iterable(absent.values())):
        yield f"init: {name} is not set in the environment of this command and is not checked; `hilum serve` needs it"


def _receivers(choice: Choice) -> Iterator[tuple[str, Store, str | None]]:
    """Yield option, store and address of what was chosen for HL7v2 messages."""
    if choice.hl7 is not None:
        yield "--hl7", HL7_STORES[choice.hl7], choice.hl7_url
    if choice.results is not None:
        yield "--results", RESULT_RECEIVERS[choice.results], choice.results_url


def _absent(value: str | None) -> list[str]:
    return [name for name in VARIABLE.findall(value or "") if name not in os.environ]


def _refusal(file: str) -> str:
    return f"init: {file}: exists and is not overwritten; name another file, or remove it"


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigError(_refusal(str(path))) from None
    except OSError as error:
        raise ConfigError(f"init: {path}: cannot be written: {error.strerror}; name another file") from None


def _given(options: Namespace) -> Choice:
    """Return the choices on the command line; the others have their defaults."""
    hl7, dicom, results = (None if name == "none" else name for name in (options.hl7, options.dicom, options.results))
    if hl7 is None and dicom is None and results is None:
        raise ConfigError(NO_STORE)
    _refuse_address("--hl7", hl7, options.hl7_url)
    _refuse_address("--dicom", dicom, options.dicom_url)
    _refuse_address("--results", results, options.results_url)
    return Choice(
        hl7,
        dicom,
        options.acknowledge or "relay",
        options.hl7_url,
        options.dicom_url,
        options.data_dir or DATA_DIR,
        results,
        options.results_url,
    )


def _refuse_address(flag: str, store: str | None, url: str | None) -> None:
    if store is None and url is not None:
        raise ConfigError(f"init: {flag}-url: there is no store for this address; add {flag} too")


def _asked(options: Namespace) -> Choice:
    """Return the choices; ask on the terminal for those that are not on the command line."""
    try:
        hl7, hl7_url = _ask_store("HL7v2 messages", HL7_STORES, options.hl7, options.hl7_url)
        dicom, dicom_url = _ask_store("DICOM instances", DICOM_STORES, options.dicom, options.dicom_url)
        results, results_url = _ask_store(
            "new messages of an HL7v2 store, such as results,", RESULT_RECEIVERS, options.results, options.results_url
        )
        if hl7 is None and dicom is None and results is None:
            raise ConfigError(NO_STORE)
        acknowledge = options.acknowledge or _ask_one("When does the sender get its answer?", ACKNOWLEDGE, "relay")
        data_dir = options.data_dir or str(Path(_ask("Folder of the spool", DATA_DIR)).expanduser())
    except EOFError:
        raise ConfigError(NOTHING_WRITTEN) from None
    return Choice(hl7, dicom, acknowledge, hl7_url, dicom_url, data_dir, results, results_url)


def _ask_store(
    what: str, stores: Mapping[str, Store], name: str | None, url: str | None
) -> tuple[str | None, str | None]:
    choices = {each: store.what for each, store in stores.items()} | {"none": f"no {what} come"}
    chosen = name or _ask_one(f"Where do {what} go?", choices, "none")
    if chosen == "none":
        return None, None
    given = url or _ask("Address of that store", stores[chosen].url)
    return chosen, None if given == stores[chosen].url else given


def _ask_one(question: str, choices: Mapping[str, str], default: str) -> str:
    _say([question, *(f"  {name:<10}{text}" for name, text in choices.items())])
    while (answer := _ask("Choose", default)) not in choices:
        _say([f"Please answer {', '.join(choices)}."])
    return answer


def _ask(question: str, default: str) -> str:
    """Return the line that was typed, or *default* if it is empty. Questions go to stderr, the result to stdout."""
    print(f"{question} [{default}]: ", end="", file=sys.stderr, flush=True)  # noqa: T201  it is a dialogue
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.strip() or default


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201  it is a dialogue
