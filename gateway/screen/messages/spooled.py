"""Finds the entries of a message in the spool, so that its page can lead to them."""

from gateway.contract.journal import Row
from gateway.contract.message import UID
from gateway.screen.messages.life import Life
from gateway.spool import Operations, Record, Selection, SpoolError

MOST = 100
"""Entries of one control ID that are looked at: a sender may use it again and again."""
KEYED = "keyed:"


async def entries_of(life: Life, operations: Operations | None) -> list[Record]:
    """Return the entries of a message; none if there is no spool, or it cannot be read now."""
    selection = _selection(life.first)
    if operations is None or selection is None:
        return []
    try:
        page = await operations.find(selection, limit=MOST, newest=True)
    except SpoolError:
        return []
    return [each for each in page.records if each.message_id == life.message_id]


def _selection(row: Row) -> Selection | None:
    if not row.key or row.key.startswith(KEYED):
        return None
    is_instance = UID.fullmatch(row.type) is not None
    return Selection(sop_instance_uid=row.key) if is_instance else Selection(control_id=row.key)
