"""What ``hilum tables`` and ``hilum query`` do; the gateway may run or not."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from gateway.audit.opening import open_audit
from gateway.audit.settings import AuditSettings
from gateway.cli.pipelining.asking import ask_public
from gateway.cli.spool_operator import operator_name, say
from gateway.cli.tabling.rendering import as_csv, as_json, as_table, facts_table
from gateway.config.parts import AuditPart, TablesPart, load_part
from gateway.contract.acts import Asked
from gateway.contract.errors import ConfigError, GatewayError
from gateway.contract.message import Subject
from gateway.contract.tables import Answer, TablesAt, TablesError
from gateway.kinds import TABLE_FOLDER, TABLES
from gateway.process.loop import run_loop
from gateway.telemetry.metrics import Metrics

DONE, FAILED = 0, 1
MAIN, PIPELINE = "main", "pipeline"
MOST_ON_SCREEN = 1000


class NotAuditedError(GatewayError):
    """The event of a question could not be written."""


def tables(options: Namespace) -> int:
    """List, describe, compact or verify tables, or load files into one."""
    try:
        found = _open(options.config, may_be_empty=options.action == "load")
        if options.action == "load":
            return _load(found, options.names)
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
        answer = ask_public(options, sql, asked) if options.public else _answer(options.config, sql, asked)
    except (TablesError, NotAuditedError) as error:
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


def _answer(path: Path, sql: str, most: int | None) -> Answer:
    """Return the answer when the audit trail has the event of the question; raises NotAuditedError otherwise."""
    settings = load_part(path, AuditPart).audit
    found = _open(path)
    if settings is None:
        return found.query(sql, most)
    asked = Asked(operator_name(), found.named(sql))
    try:
        answer = found.query(sql, most)
    except TablesError:
        run_loop(_audit(settings, replace(asked, is_answered=False)))
        raise
    run_loop(_audit(settings, asked))
    return answer


async def _audit(settings: AuditSettings, asked: Asked) -> None:
    async with open_audit(settings, Metrics(), lambda *_: Subject(), grace=0) as audit:
        why = await audit.asked(asked)
    if why:
        raise NotAuditedError(f"nothing is shown, because the audit trail has no event of it: {'; '.join(why)}")


def _open(path: Path, *, may_be_empty: bool = False) -> TablesAt:
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
    if not may_be_empty and not any(folder.exists() for folder in folders.values()):
        raise ConfigError("destinations: no table has any row yet; a destination of kind table makes one")
    return TABLES(folders)


def _load(found: TablesAt, names: Sequence[str]) -> int:
    if len(names) < 2:
        raise ConfigError("TABLE: name a table, and then the Parquet files whose rows it gets")
    return _print([f"{names[0]}: {found.load(names[0], [Path(each) for each in names[1:]])} rows added"])


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
