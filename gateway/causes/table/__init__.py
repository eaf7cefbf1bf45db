"""The one table of causes: the page, ``hilum status``, ``explain``, alerts and docs/reference/causes.md show it.

Every ``Cause`` has its row here; a test holds that. Names that every row of a destination may use in its texts:
``subject``, ``things`` (Images or Messages), ``address``, ``afterwards`` (what Hilum or the senders do once it is
mended). Of a peer: ``subject``, ``listener``, ``address``, ``times``. Details of the diagnosis come in addition; for a
time ``X_at`` there is ``X_ago`` or, if it lies ahead, ``X_in``.
"""

from collections.abc import Mapping

from gateway.causes.rows import Row
from gateway.causes.table.answering import ANSWERING
from gateway.causes.table.here import HERE
from gateway.causes.table.peers import PEERS
from gateway.causes.table.reaching import REACHING
from gateway.causes.table.trusting import TRUSTING
from gateway.contract.causes import Cause

SECTIONS: Mapping[str, Mapping[Cause, Row]] = {
    "A destination cannot be reached": REACHING,
    "TLS to a destination": TRUSTING,
    "What a destination answers": ANSWERING,
    "Peers": PEERS,
    "Hilum itself": HERE,
}
"""By headings of docs/reference/causes.md."""
TABLE: Mapping[Cause, Row] = {cause: row for rows in SECTIONS.values() for cause, row in rows.items()}
OF_DESTINATIONS = frozenset([*REACHING, *TRUSTING, *ANSWERING])
