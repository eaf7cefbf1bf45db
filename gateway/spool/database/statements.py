"""The statements with which the ledger changes deliveries, each written out in full.

A waiting delivery may be claimed (``front = 1``) if no other is before it: neither in the queue of its ordering key
(``lane``), where parked deliveries may hold their place (``queued``), nor in that of its identity (``name``). A key or
an identity that is NULL equals nothing, so that such a delivery waits for no other. That condition is repeated in each
statement that needs it; the indexes ``queues`` and ``waiting_names`` answer it in O(log n).

OR FAIL spares SQLite a statement journal, which would take longer than the statement; if a piece of work fails, the
writer undoes all of it.
"""

# A delivery's state, pause, ordering key and identity, and the next delivery behind it in each queue.
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
# The attempts and the pause are not copied: they were those at the first destination.
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
# By an operator. The reason holds why and by whom it is discarded, and why it was parked or put off before.
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
# Decides again whether it may be claimed, after a delivery before it has left or returned.
REVIEW = """
UPDATE OR FAIL deliveries AS d
SET front = d.state = 0
    AND NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY lanes
        WHERE destination = d.destination AND lane = d.lane AND queued = 1 AND message < d.message)
    AND NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY waiting_names
        WHERE destination = d.destination AND name = d.name AND state = 0 AND message < d.message)
WHERE message = ? AND destination = ?
"""
# Marks every waiting delivery that has no other before it: it may be claimed.
RESTORE_FRONTS = """
UPDATE deliveries AS d SET front = 1
WHERE state = 0 AND front = 0
    AND NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY lanes
        WHERE destination = d.destination AND lane = d.lane AND queued = 1 AND message < d.message)
    AND NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY waiting_names
        WHERE destination = d.destination AND name = d.name AND state = 0 AND message < d.message)
"""
