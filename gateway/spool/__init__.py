"""Commit mode's durable queue: what it promises is in ``interface``, how SQLite and files keep it in the rest."""

from gateway.spool.interface import (
    DAMAGED,
    Again,
    Committed,
    Delivered,
    Entry,
    Operations,
    Page,
    Parked,
    PayloadDamaged,
    Plan,
    Record,
    Selection,
    Settlement,
    Spool,
    SpoolDamaged,
    SpoolError,
    State,
    Total,
)
from gateway.spool.opening import open_for_operator, open_spool
from gateway.spool.settings import SpoolSettings

__all__ = [
    "DAMAGED",
    "Again",
    "Committed",
    "Delivered",
    "Entry",
    "Operations",
    "Page",
    "Parked",
    "PayloadDamaged",
    "Plan",
    "Record",
    "Selection",
    "Settlement",
    "Spool",
    "SpoolDamaged",
    "SpoolError",
    "SpoolSettings",
    "State",
    "Total",
    "open_for_operator",
    "open_spool",
]
