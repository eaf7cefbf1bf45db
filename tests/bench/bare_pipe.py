"""Passes octets on between two sockets without looking at them: what forwarding through a process costs at least."""

import argparse
import socket
import threading

BUFFER = 256_000
"""As many as the event loop reads at once."""


def pump(source: socket.socket, target: socket.socket) -> None:
    """Copy until *source* ends."""
    buffer = memoryview(bytearray(BUFFER))
    while count := source.recv_into(buffer):
        target.sendall(buffer[:count])
    target.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("store_port", type=int)
    options = parser.parse_args()
    with socket.create_server(("127.0.0.1", options.port)) as server:
        while True:
            peer = server.accept()[0]
            store = socket.create_connection(("127.0.0.1", options.store_port))
            for each in ((peer, store), (store, peer)):
                each[0].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=pump, args=each, daemon=True).start()
