"""The parsers of ``hilum tables`` and ``hilum query``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.cli.later import LaterModule, Run
from gateway.cli.send_options import at_least_one

commands = LaterModule("gateway.cli.tabling.commands")
AddCommand = Callable[[Any, str, Run, str], Any]
ACTIONS = ("list", "schema", "compact", "verify", "load")


def add_tabling(menu: Any, command: AddCommand) -> None:
    """Add both commands to *menu*; *command* is the function that adds one command."""
    text = "show the tables that messages have filled, make few files of many, look for damage, load Parquet"
    tables = command(menu, "tables", commands.tables, text)
    tables.add_argument("config", type=Path, metavar="CONFIG")
    tables.add_argument("action", choices=ACTIONS, metavar="ACTION", help=", ".join(ACTIONS))
    tables.add_argument(
        "names", nargs="*", metavar="TABLE", help="by default all tables; of load a table and Parquet files"
    )
    query = command(
        menu, "query", commands.query, "ask the tables in SQL (DuckDB's); nothing else can be read or changed"
    )
    query.add_argument("config", type=Path, metavar="CONFIG")
    query.add_argument("sql", metavar="SQL", help="one SELECT; - reads it from stdin")
    query.add_argument("--public", action="store_true", help="ask `public_table` of the pipeline, on the public side")
    query.add_argument(
        "--search",
        action="store_true",
        help="with --public: SQL is words that a report must have",
    )
    query.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default table")
    query.add_argument("--most", type=at_least_one, metavar="N", help="most rows (default: 1000 as table, else all)")
