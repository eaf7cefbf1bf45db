"""Load over MLLP: messages on several connections, one outstanding on each."""

import argparse
from pathlib import Path

import uvloop

from tests.bench.closed_loop import Numbered, Record, Requester, run

POSITIVE = b"MSA|AA|", b"MSA|CA|"


class MllpRequester(Requester):
    """Sends MLLP blocks and waits for acknowledgements."""

    def __init__(self, record: Record, messages: Numbered) -> None:
        super().__init__(record)
        self._messages = messages

    def request(self) -> bytes:
        """Return the next block."""
        return b"\x0b%b\x1c\r" % self._messages.next()

    def verdict(self, answer: bytes) -> bool | None:
        """Tell whether *answer* is a positive acknowledgement, once it is a whole block."""
        return any(code in answer for code in POSITIVE) if answer.endswith(b"\x1c\r") else None


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("message", type=Path)
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--warm-up", type=float, default=0.3)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--pause", type=float, default=0.0)
    options = parser.parse_args()
    messages = Numbered(options.message.read_bytes())
    uvloop.run(
        run(
            lambda record: MllpRequester(record, messages),
            options.port,
            options.connections,
            options.warm_up,
            options.seconds,
            options.pause,
        )
    )


if __name__ == "__main__":
    main()
