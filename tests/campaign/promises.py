"""What Hilum promises for each entrance: the judge's own table, which the senders do not know.

Where the promise ends:

- What was not acknowledged may arrive or not, and more than once.
- An acknowledged message may arrive twice where a process died before it had recorded that the store has it, or where
  the store's answer was lost. Any other duplicate is a fault.
- In relay mode a try that its sender has given up may still be under way, and arrive after newer messages.
- A sender that repeats a message is recognised: the repetition is not delivered again. In relay mode nothing is
  recognised.
- With one worker order holds whatever happens. With more, each worker has its own queue: order and last content hold as
  long as a sender's connections reach the same worker. Hilum sees to that for connections of one address, but a process
  that dies may be followed by one that owns another queue. So what overtakes across a death is counted apart, and is a
  fault only where the campaign is ``--strict``. Repetitions are recognised by every worker.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Promise:
    """What holds for messages of one entrance."""

    stores: tuple[str, ...]
    """Every positive answer means: there, or in commit mode there in the end."""
    commit: bool = True
    ordered: bool = True
    """Messages that share a key stay in order. (Contents of one name always do.)"""


PROMISES: Mapping[str, Promise] = {
    "adt": Promise(("messages-a", "messages-b")),  # order_by: patient
    "orders": Promise(("messages-a",)),  # order_by: peer
    "results": Promise(("messages-c",), commit=False),
    "referrals": Promise(("ward",)),  # to a hospital system over MLLP; with one worker only
    "HILUM": Promise(("images-a", "images-b"), ordered=False),
    "ARCHIVE": Promise(("images-a",), ordered=False),
    "BACKUP": Promise(("images-b",), ordered=False),
    "ANNEX": Promise(("images-b",), ordered=False),  # a listener of its own
    "LIVE": Promise(("images-c",), commit=False, ordered=False),
}

SETTLE_SECONDS = 5.0
"""Longest time from a store's answer until the gateway has recorded it; a process that dies before may deliver again.
Generous, for a machine with more to do than it can."""
WIRE_SECONDS = 1.0
"""How long a request may lie in a socket until the store reads it; its sender may have died meanwhile."""
STORE_PATIENCE = 10.0
"""What the gateway's configuration allows a store to be silent (``read_seconds``); then it hangs up."""
