"""`hilum import` that tells at its end, as JSON, what it has taken and asked for.

That is its processor time, the seconds from the first listing to the last answer, and its requests to the store and to
the bucket.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from adapters.objects.remote import Remote
from adapters.rest.http.client import Client
from gateway.cli.importing.importing import Importing
from gateway.cli.main import main

COUNTS: Counter[str] = Counter()
TIMES: dict[str, float] = {}


def counted(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """Return *method*, whose calls are counted as *name*."""

    def call(*arguments: Any, **named: Any) -> Any:
        COUNTS[name] += 1
        return method(*arguments, **named)

    return call


async def timed(self: Importing, pattern: str, run: Callable[..., Any] = Importing.run) -> None:
    """Import, and note how long it takes."""
    begin = time.perf_counter()
    await run(self, pattern)
    TIMES["seconds"] = time.perf_counter() - begin


if __name__ == "__main__":
    Importing.run = timed  # type: ignore[method-assign]
    Client.request = counted("store", Client.request)  # type: ignore[method-assign]
    for name in ("read", "stream", "_page"):
        setattr(Remote, name, counted("bucket", getattr(Remote, name)))
    code = main(["import", *sys.argv[1:]])
    sys.stderr.write("\n" + json.dumps({"cpu": time.process_time(), **TIMES, **COUNTS}))
    sys.exit(code)
