"""Work for a spool's writer, done without a log."""

from pathlib import Path

from gateway.spool.database.ledger import Ledger, NewMessage
from gateway.spool.database.schema import connect, prepare
from gateway.spool.interface import Delivered
from gateway.spool.log.works import AddBeside, Append, Flush, Settle
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.spools import make_message


def test_in_the_database(tmp_path: Path) -> None:
    """Each does there what its name says."""
    connection = connect(tmp_path / "spool.db", 1024)
    prepare(connection, Plain())
    new = NewMessage(make_message(), ("store",), None, None, 1.0, 5, b"d", False, b"MSH|1", None, "spool")
    ledger = Ledger(connection)
    assert ["spool-1", "spool-2"] == [work(ledger).spool_id for work in (Append(new, 2.0), AddBeside(Append(new, 2.0)))]
    assert Settle((1, 1), Delivered(), 3.0, 4.0)(ledger).done
    assert None is Flush()(ledger)
    assert [(1, 2), (2, 0)] == connection.execute("SELECT message, state FROM deliveries ORDER BY message").fetchall()
    connection.close()
