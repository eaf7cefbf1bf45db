"""What is done to the value of an observation (OBX-5), by its type (OBX-2)."""

import re

from adapters.deidentify.hl7v2.actions import CODE, Actions
from adapters.deidentify.hl7v2.ages import capped
from adapters.deidentify.hl7v2.document import Field, leaves

PLAIN_TYPES = frozenset({"NM", "SN", "SI"})
CODED_VALUES = frozenset({"ID", "IS"})
ACTION = {
    **dict.fromkeys(("CE", "CWE", "CNE", "CF"), "code"),
    **dict.fromkeys(("DT", "TS", "DTM"), "date"),
    **dict.fromkeys(("ST", "TX", "FT"), "text"),
}
"""By type, the action of the table that is done; a value of another type is removed."""
NUMERIC = re.compile(r"[<>=]{0,2}|[-+]?\d{1,12}(?:\.\d{0,12})?|[-:/.]", re.ASCII)


def value(actions: Actions, field: Field, kind: str, *, is_age: bool = False) -> None:
    """Do to OBX-5 what its type asks for; an age above 89 is told as 90, and only as a number."""
    if kind in PLAIN_TYPES:
        _number(actions, field, is_age=is_age)
    elif kind in CODED_VALUES and not is_age:
        for leaf in leaves(field):
            if not CODE.fullmatch(leaf.raw):
                actions.remove(leaf)
    elif kind in ACTION and not is_age:
        actions.do(ACTION[kind], field)
    else:
        actions.empty(field)


def _number(actions: Actions, field: Field, *, is_age: bool) -> None:
    for leaf in leaves(field):
        if not NUMERIC.fullmatch(leaf.raw.strip()):
            actions.remove(leaf)
        elif is_age:
            leaf.raw = capped(leaf.raw.strip())
