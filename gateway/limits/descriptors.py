"""File descriptors: how many a configuration may come to need, how many there are, and who goes without.

Each connection takes one, and where there are none left nothing can be accepted: not the admin port's callers, whom an
orchestrator takes for a sign of life. Therefore the limit of the process is raised at the start to what all configured
connections need together, and where the system does not grant that, peers are turned away while a reserve is left for
the admin port, the stores and the spool.
"""

import resource
from collections.abc import Callable

import structlog

from gateway.config.loading import Config

FOR_FILES = 64
"""Of the spool, the log, the audit trail, the event loop, and of files that are read again."""
FOR_NEIGHBOUR = 6
"""Of the spool of another worker, which is read beside its owner: its database, the log and the log's index, once for
our own spool and once for one that we have adopted."""

log = structlog.get_logger()


def reserve(config: Config) -> int:
    """Return how many a process needs for everything but its peers."""
    stores = sum(each.connections for each in config.destinations.values())
    neighbours = FOR_NEIGHBOUR * (config.workers - 1)
    return config.admin.max_connections + stores + FOR_FILES + neighbours


def needed(config: Config) -> int:
    """Return how many a process needs when all its places are taken."""
    return reserve(config) + sum(each.most_descriptors for each in config.listeners.values())


def raise_limit(wanted: int) -> int:
    """Have this process, and those that it starts, open *wanted* descriptors or as many as may be; return the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft


def shortage(config: Config) -> str | None:
    """Return what to say where the system grants fewer than are needed."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = needed(config)
    if hard == resource.RLIM_INFINITY or wanted <= hard:
        return None
    most = hard - _kept(reserve(config), hard)
    return (
        f"the configured connections need up to {wanted} file descriptors and this process may have {hard}; peers are "
        f"turned away once {most} are open; raise the hard limit (ulimit -Hn, or LimitNOFILE= of the service), or "
        "lower max_connections"
    )


class Descriptors:
    """Those of this process. A new one has the lowest free number, so its number tells how many are taken."""

    def __init__(self, wanted_reserve: int, limit: Callable[[], int] = lambda: raise_limit(0)) -> None:
        most = limit()
        self._most = most - _kept(wanted_reserve, most) if most != resource.RLIM_INFINITY else None
        self._is_short = False

    def allows(self, descriptor: int) -> bool:
        """Whether the peer at this new *descriptor* leaves the reserve alone. The edge is logged, both ways."""
        if self._most is None:
            return True
        is_short = descriptor >= self._most
        if is_short and not self._is_short:
            mend = "raise the limit of file descriptors, or lower max_connections"
            log.error("descriptors_short", limit=self._most, reason="peers are turned away", mend=mend)
        elif self._is_short and descriptor < self._most * 9 // 10:
            log.info("descriptors_recovered", open=descriptor)
        else:
            return not is_short
        self._is_short = is_short
        return not is_short


def _kept(wanted_reserve: int, limit: int) -> int:
    """Return the reserve out of *limit*; it never takes more than half of it."""
    return min(wanted_reserve, limit // 2)
