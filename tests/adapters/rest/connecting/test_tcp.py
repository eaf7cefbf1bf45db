"""What the kernel tells of a connection."""

import socket
from collections.abc import Iterator

import pytest

from adapters.rest.connecting.tcp import TCP_INFO, Watch, confirmed, is_ended, unread


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Return the two ends of a TCP connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ours = socket.create_connection(listening.getsockname())
        theirs, _ = listening.accept()
    with ours, theirs:
        yield ours, theirs


def test_quiet(pair: tuple[socket.socket, socket.socket]) -> None:
    """A connection is quiet until octets or the end of the connection have come."""
    ours, theirs = pair
    watch = Watch(ours)
    assert watch.is_quiet()
    theirs.send(b"x")
    assert not watch.is_quiet()
    ours.recv(1)
    assert watch.is_quiet()
    theirs.close()
    assert not watch.is_quiet()


@pytest.mark.skipif(TCP_INFO is None, reason="the system has no TCP_INFO")
def test_confirmed(pair: tuple[socket.socket, socket.socket]) -> None:
    """The other side's kernel acknowledges what it has received before the close, and nothing after it."""
    ours, theirs = pair
    before = confirmed(ours)
    assert before > 0
    ours.send(b"12345")
    assert before + 5 == confirmed(ours)
    theirs.recv(5)
    theirs.close()
    ours.send(b"12345")
    assert before + 5 == confirmed(ours)


def test_not_known(pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch) -> None:
    """The number is 0 for a closed socket, or if the system does not tell it."""
    ours, _ = pair
    ours.close()
    assert 0 == confirmed(ours)
    monkeypatch.setattr("adapters.rest.connecting.tcp.TCP_INFO", None)
    assert 0 == confirmed(ours)


@pytest.mark.parametrize(
    ("error", "expected"),
    [(None, True), (BrokenPipeError(), True), (ConnectionResetError(), False), (OSError(), False)],
)
def test_ended(error: Exception | None, expected: bool) -> None:
    """A reset without a FIN before it is no end that confirms anything."""
    assert expected == is_ended(error)


def test_reset_after_a_fin(pair: tuple[socket.socket, socket.socket]) -> None:
    """The kernel tells a reset after a FIN from one without it."""
    ours, theirs = pair
    theirs.close()
    ours.send(b"1")
    with pytest.raises(BrokenPipeError):
        ours.send(b"2")


def test_unread(pair: tuple[socket.socket, socket.socket]) -> None:
    """Octets that came before the close can still be read after a write has failed."""
    ours, theirs = pair
    ours.send(b"request")
    theirs.send(b"answer")
    theirs.close()
    with pytest.raises(ConnectionError):
        ours.sendall(bytes(64 * 1024 * 1024))
    assert [b"answer"] == list(unread(ours))


def test_unread_of_a_connection_that_goes_on(pair: tuple[socket.socket, socket.socket]) -> None:
    """Reading does not wait, and a closed socket gives nothing."""
    ours, theirs = pair
    theirs.send(b"answer")
    assert [b"answer"] == list(unread(ours))
    ours.close()
    assert [] == list(unread(ours))
