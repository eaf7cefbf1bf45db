"""The destinations of a configuration, for the commands and requests that manage the spool."""

from collections.abc import Iterator

from gateway.config.loading import Config
from gateway.config.parts import SpoolPart
from gateway.kinds import KINDS
from gateway.spool import SpoolError
from gateway.spool.database.counting import count
from gateway.spool.folders import existing_folders
from gateway.spool.log.reading import problems_of
from gateway.spool.operating.destinations import Destinations, told, waiting_for_nobody


def destinations_of(config: Config | SpoolPart) -> Destinations:
    """Return the destinations of *config*."""
    return {name: takers(each.kind) for name, each in config.destinations.items()}


def takers(destination: str) -> set[str]:
    """Return the kinds of listener whose messages a kind of destination accepts without any step."""
    takes = KINDS.destinations[destination].takes
    return {listener.name for listener in KINDS.listeners.values() if listener.gives in takes}


def spool_notices(config: Config) -> Iterator[str]:
    """Yield what an operator should know about existing spools, whether or not the gateway runs."""
    try:
        waiting = waiting_for_nobody(count(config.data_dir), config.destinations)
        damaged = [(path.name, problem) for path in existing_folders(config.data_dir) for problem in problems_of(path)]
    except (SpoolError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        yield f"data_dir: {reason}; cannot check whether messages wait for destinations that are not configured"
        return
    yield from (f"destinations.{name}: {told(name, number)}" for name, number in waiting.items())
    yield from (f"data_dir: {name}: {problem}; see `hilum spool verify`" for name, problem in damaged)
