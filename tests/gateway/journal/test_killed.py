"""A process that is killed loses the last 0.25 s at most, and the next one goes on."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from gateway.journal.folder import segments_in
from gateway.journal.query import Query
from gateway.journal.search import search
from tests.gateway.journal.rows_for_tests import row, store

WRITES_FOR_EVER = """
import sys, time
from pathlib import Path
from tests.gateway.journal.test_rows import told
from gateway.journal.buffer import Buffer
from gateway.journal.folder import take_slot
from gateway.journal.pruning import Pruning
from gateway.journal.rows import RowMaker
from gateway.journal.settings import JournalSettings
from gateway.journal.store import SegmentStore
from gateway.journal.writer import Journal

folder = Path(sys.argv[1])
store = SegmentStore(folder, take_slot(folder, 0), Pruning(folder, JournalSettings()), most_rows=200)
journal = Journal(RowMaker({}), store)
journal.subscribe(lambda rows: None)
journal.start()
number = 0
while True:
    journal.record(told(outcome="stored", key=f"C{number}")._replace(at=time.time()))
    number += 1
    if number % 50 == 0:
        journal.flush()
        print(number, flush=True)
"""


def test_killed_while_it_writes(tmp_path: Path) -> None:
    """What was flushed before SIGKILL is there, in order and without a gap; nothing is set aside at the next start."""
    folder = tmp_path / "journal"
    process = subprocess.Popen([sys.executable, "-c", WRITES_FOR_EVER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        flushed = int(line)
        if flushed >= 500:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    at = time.time()
    kept = store(folder, most_rows=10**6)
    assert 0 == kept.write([row(0, at, key="next")])
    kept.close()
    found, query = list[str](), Query(limit=500)
    while True:
        page = search(folder, query, 60)
        found += [each.row.key for each in page.found]
        if page.next is None:
            break
        query = Query(limit=500, before=page.next)
    assert [] == list(page.unread)
    assert "next" == found[0]
    assert [f"C{number}" for number in reversed(range(len(found) - 1))] == found[1:]
    assert len(found) - 1 >= flushed
    assert {0} == {each.slot for each in segments_in(folder)}
    assert not list(folder.glob("*.damaged*"))
