"""What the ledger writes to the deliveries: each statement whole, beside its name.

A waiting delivery may be claimed (``front = 1``) if nobody is before it: neither in the queue of its ordering key
(``lane``), where parked deliveries may hold their place (``queued``), nor among those that wait of its identity
(``name``). What has no key or no identity equals nothing, and is behind nobody. That condition stands in full in each
statement that needs it; each is answered by the indexes ``lanes`` and ``waiting_names`` in O(log n).

OR FAIL spares SQLite a journal of the statement, which takes longer than the statement; the writer undoes all that a
piece of work did if it fails.
"""

# Where a delivery stands, its key and its identity, and who is next behind it in each.
STANDING = """
SELECT state, due, lane, name,
    (SELECT min(message) FROM deliveries INDEXED BY lanes
        WHERE destination = d.destination AND lane = d.lane AND queued = 1 AND message > d.message),
    (SELECT min(message) FROM deliveries INDEXED BY waiting_names
        WHERE destination = d.destination AND name = d.name AND state = 0 AND message > d.message)
FROM deliveries d WHERE message = ? AND destination = ?
"""
# A new delivery is behind all others.
INSERT_DELIVERY = """
INSERT OR FAIL INTO deliveries (message, destination, lane, name, size, tag, state, queued, attempts, front)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 1, 0,
    NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY lanes WHERE destination = ?2 AND lane = ?3 AND queued = 1)
    AND NOT EXISTS (
        SELECT 1 FROM deliveries INDEXED BY waiting_names WHERE destination = ?2 AND name = ?4 AND state = 0))
"""
# Nobody has tried it at the other destination yet: its tries and its pause were those of the first one.
COPY_DELIVERY = """
INSERT INTO deliveries (message, destination, lane, name, size, state, queued, attempts, front, reason, settled_at)
SELECT message, ?, lane, name, size, state, queued, 0, 0, CASE state WHEN 1 THEN reason END, settled_at
FROM deliveries WHERE message = ? AND destination = ?
"""
PUT_OFF = """
UPDATE OR FAIL deliveries SET attempts = attempts + 1, reason = ?, due = ? WHERE message = ? AND destination = ?
"""
END_PAUSE = "UPDATE OR FAIL deliveries SET due = NULL WHERE message = ? AND destination = ?"
# After an attempt: delivered, or parked.
SETTLE = """
UPDATE OR FAIL deliveries
SET attempts = attempts + 1, state = ?, queued = ?, front = 0, due = NULL, reason = ?, settled_at = ?
WHERE message = ? AND destination = ?
"""
# By an operator. Why it was parked or put off stays beside why it is discarded, and by whom.
DISCARD = """
UPDATE OR FAIL deliveries
SET state = 3, queued = 0, front = 0, due = NULL, settled_at = ?,
    reason = json_array(?, ?, CASE typeof(reason) WHEN 'text' THEN reason END)
WHERE message = ? AND destination = ?
"""
# A parked delivery returns to its old place, which may be before what may be claimed now.
WAIT_AGAIN = """
UPDATE OR FAIL deliveries AS d
SET state = 0, queued = 1, settled_at = NULL, front =
    NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY lanes
        WHERE destination = d.destination AND lane = d.lane AND queued = 1 AND message < d.message)
    AND NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY waiting_names
        WHERE destination = d.destination AND name = d.name AND state = 0 AND message < d.message)
WHERE message = ? AND destination = ?
"""
# Something before it has left, or come: whether it may be claimed now.
REVIEW = """
UPDATE OR FAIL deliveries AS d
SET front = d.state = 0
    AND NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY lanes
        WHERE destination = d.destination AND lane = d.lane AND queued = 1 AND message < d.message)
    AND NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY waiting_names
        WHERE destination = d.destination AND name = d.name AND state = 0 AND message < d.message)
WHERE message = ? AND destination = ?
"""
# Whatever has nobody before it may be claimed.
RESTORE_FRONTS = """
UPDATE deliveries AS d SET front = 1
WHERE state = 0 AND front = 0
    AND NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY lanes
        WHERE destination = d.destination AND lane = d.lane AND queued = 1 AND message < d.message)
    AND NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY waiting_names
        WHERE destination = d.destination AND name = d.name AND state = 0 AND message < d.message)
"""
