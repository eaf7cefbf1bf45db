"""Load over HTTP, as lean as a client in this language gets: the limit of a relay to the same store."""

import argparse
from pathlib import Path

import uvloop

from tests.bench.closed_loop import Numbered, Record, Requester, run


class HttpRequester(Requester):
    """Posts bodies to one path. The store answers each with a reply of the same length."""

    def __init__(self, record: Record, head: bytes, bodies: Numbered) -> None:
        super().__init__(record)
        self._head = head
        self._bodies = bodies
        self._expected = 0

    def request(self) -> bytes:
        """Return the next request."""
        return self._head + self._bodies.next()

    def verdict(self, answer: bytes) -> bool | None:
        """Tell whether *answer* is a 200, once all of it is there."""
        if not self._expected:
            self._expected = _length(answer)
        return answer.startswith(b"HTTP/1.1 200") if len(answer) >= self._expected > 0 else None


def _length(answer: bytes) -> int:
    head, end, _ = answer.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ") for line in head.split(b"\r\n")[1:]) if end else {}
    return len(head) + len(end) + int(fields[b"content-length"]) if fields else 0


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("body", type=Path)
    parser.add_argument("--content-type", default="application/octet-stream")
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--warm-up", type=float, default=0.3)
    parser.add_argument("--seconds", type=float, default=1.0)
    options = parser.parse_args()
    body = options.body.read_bytes()
    head = (
        f"POST {options.path} HTTP/1.1\r\nHost: 127.0.0.1:{options.port}\r\n"
        f"Content-Type: {options.content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    bodies = Numbered(body)
    uvloop.run(
        run(
            lambda record: HttpRequester(record, head, bodies),
            options.port,
            options.connections,
            options.warm_up,
            options.seconds,
        )
    )


if __name__ == "__main__":
    main()
