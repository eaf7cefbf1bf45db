"""Time zones: a literal names one, and a local time may be none or two moments."""

from typing import Any

from gateway.sandbox.bigquery.sql import moments
from gateway.sandbox.bigquery.sql.refusing import QueryRefused, refusing
from gateway.sandbox.bigquery.sql.types import text

CHANGED = refusing("a local time in an hour in which clocks were changed")


def zone_of(node: Any) -> str:
    """Return the SQL of a time zone, which must be a literal that names one."""
    if type(node).__name__ != "Literal" or not node.args.get("is_string"):
        raise QueryRefused("a time zone that is no literal")
    return text(moments.zone_name(node.this))


def in_zone(sql: str, zone: str) -> str:
    """Return the local time of a TIMESTAMP."""
    return f"timezone({zone}, {sql})"


def from_zone(sql: str, zone: str) -> str:
    """Return the TIMESTAMP of a local time; of one that exists twice or not at all it is not certain which is meant."""
    moment = f"timezone({zone}, {sql})"
    if zone == "'UTC'":
        return moment
    away = f"timezone({zone}, {moment}) <> {sql}"
    twice = " OR ".join(f"timezone({zone}, {moment} {sign} INTERVAL 1 HOUR) = {sql}" for sign in "+-")
    return f"(CASE WHEN {away} OR {twice} THEN {CHANGED} ELSE {moment} END)"
