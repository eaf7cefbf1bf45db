"""What ``hilum tables`` and ``hilum query`` do; the gateway may run or not."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

from gateway.cli.pipelining.asking import ask_public
from gateway.cli.spool_operator import say
from gateway.cli.tabling.rendering import as_csv, as_json, as_table, facts_table
from gateway.config.parts import TablesPart, load_part
from gateway.contract.errors import ConfigError
from gateway.contract.tables import TablesAt, TablesError
from gateway.kinds import TABLE_FOLDER, TABLES

DONE, FAILED = 0, 1
MAIN, PIPELINE = "main", "pipeline"
MOST_ON_SCREEN = 1000


def tables(options: Namespace) -> int:
    """List, describe, compact or verify tables."""
    try:
        found = _open(options.config)
        facts = found.facts()
        if options.action == "list":
            return _print(facts_table(facts))
        return _each(found, options.action, options.names or [each.name for each in facts])
    except TablesError as error:
        say(f"hilum: {error}")
        return FAILED


def query(options: Namespace) -> int:
    """Print the answer to a query."""
    sql = sys.stdin.read() if options.sql == "-" else options.sql
    most = options.most or (MOST_ON_SCREEN if options.format == "table" else None)
    if options.search and not options.public:
        raise ConfigError("--search: only the public table can be searched for words; add --public")
    asked = None if most is None else most + 1
    try:
        answer = ask_public(options, sql, asked) if options.public else _open(options.config).query(sql, asked)
    except TablesError as error:
        say(f"hilum: {error}")
        return FAILED
    rows = answer.rows[:most]
    match options.format:
        case "csv":
            sys.stdout.write(as_csv(answer.names, rows))
        case "json":
            _print(as_json(answer.names, rows))
        case _:
            _print(as_table(answer.names, rows))
    if len(answer.rows) > len(rows):
        say(f"hilum: only the first {most} rows are shown; --most shows more")
    return DONE


def _open(path: Path) -> TablesAt:
    """Return the tables of a configuration: ``main`` is that of ``data_dir``, others have the name of a destination.

    Those of the research pipeline, of its identified side, are ``pipeline``.
    """
    config = load_part(path, TablesPart)
    usual = TABLE_FOLDER(None, config.data_dir) or config.data_dir
    folders = {MAIN: usual}
    for name, settings in config.destinations.items():
        folder = TABLE_FOLDER(settings, config.data_dir)  # type: ignore[arg-type]
        if folder is not None and folder not in folders.values():
            folders[name] = folder
    if config.pipeline is not None and config.pipeline.tables not in folders.values():
        folders.setdefault(PIPELINE, config.pipeline.tables)
    if len(folders) == 2 and not usual.exists():
        folders = {MAIN: next(folder for folder in folders.values() if folder != usual)}
    if not any(folder.exists() for folder in folders.values()):
        raise ConfigError("destinations: no table has any row yet; a destination of kind table makes one")
    return TABLES(folders)


def _each(found: TablesAt, action: str, names: Iterable[str]) -> int:
    status = DONE
    for name in names:
        if action == "schema":
            _print([json.dumps(found.schema(name), indent=2, ensure_ascii=False)])
        elif action == "compact":
            _print([f"{name}: {found.compact(name)}"])
        else:
            problems = found.problems(name)
            _print(problems or [f"{name}: undamaged"])
            status = FAILED if problems else status
    return status


def _print(lines: Iterable[str]) -> int:
    for line in lines:
        print(line)  # noqa: T201  it is the command's result
    return DONE
