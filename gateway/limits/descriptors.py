"""File descriptors: how many the configuration needs, how many the process has, and when peers are rejected.

Each connection takes one. If none were left, nothing could be accepted, not even the health checks of an orchestrator
on the admin port. Therefore the limit of the process is raised at the start to what all configured connections need
together. If the system does not grant that, peers are rejected while a reserve is left for the admin port, the stores
and the spool.
"""

import resource
from collections.abc import Callable

import structlog

from gateway.config.loading import Config

FOR_FILES = 64
"""Descriptors for the spool, the log, the audit trail, the event loop, and files that are read again."""
FOR_NEIGHBOUR = 6
"""Descriptors for the spool of another worker, which this one reads too: its database, the log and the log's index,
once for the worker's own spool and once for a spool that it has adopted."""

log = structlog.get_logger()


def reserve(config: Config) -> int:
    """Return how many descriptors a process needs for everything but its peers."""
    stores = sum(each.connections for each in config.destinations.values())
    neighbours = FOR_NEIGHBOUR * (config.workers - 1)
    return config.admin.max_connections + stores + FOR_FILES + neighbours


def needed(config: Config) -> int:
    """Return how many descriptors a process needs when it has the most connections that the settings allow."""
    return reserve(config) + sum(each.most_descriptors for each in config.listeners.values())


def raise_limit(wanted: int) -> int:
    """Raise the soft limit of this process and its children to *wanted*, at most the hard limit; return the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft


def shortage(config: Config) -> str | None:
    """Return a warning if the system grants fewer descriptors than are needed; otherwise None."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = needed(config)
    if hard == resource.RLIM_INFINITY or wanted <= hard:
        return None
    most = hard - _kept(reserve(config), hard)
    return (
        f"the configured connections need up to {wanted} file descriptors and this process may have {hard}; peers are "
        f"rejected once {most} are open; raise the hard limit (ulimit -Hn, or LimitNOFILE= of the service), or "
        "lower max_connections"
    )


class Descriptors:
    """The descriptors of this process. A new one has the lowest free number, so its number tells how many are open."""

    def __init__(self, wanted_reserve: int, limit: Callable[[], int] = lambda: raise_limit(0)) -> None:
        most = limit()
        self._most = most - _kept(wanted_reserve, most) if most != resource.RLIM_INFINITY else None
        self._is_short = False

    def allows(self, descriptor: int) -> bool:
        """Whether the reserve is untouched if a peer keeps the new *descriptor*. Logs when the answer changes."""
        if self._most is None:
            return True
        is_short = descriptor >= self._most
        if is_short and not self._is_short:
            mend = "raise the limit of file descriptors, or lower max_connections"
            log.error("descriptors_short", limit=self._most, reason="peers are rejected", mend=mend)
        elif self._is_short and descriptor < self._most * 9 // 10:
            log.info("descriptors_recovered", open=descriptor)
        else:
            return not is_short
        self._is_short = is_short
        return not is_short


def _kept(wanted_reserve: int, limit: int) -> int:
    """Return the reserve that is kept out of *limit*: at most half of it."""
    return min(wanted_reserve, limit // 2)
