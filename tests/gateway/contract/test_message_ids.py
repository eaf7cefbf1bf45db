"""Names of messages."""

from gateway.contract.message_ids import id_source


def test_ids() -> None:
    """Names are unique, and short enough for a control ID of 20 characters."""
    first, second = id_source(), id_source()
    names = [source() for source in (first, second) for _ in range(100)]
    assert 200 == len(set(names))
    assert {20} == {len(name) for name in names}
