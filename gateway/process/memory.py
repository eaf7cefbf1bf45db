"""Excludes objects that live as long as the process from garbage collection."""

import gc


def freeze_what_stays() -> None:
    """Exclude all present objects from garbage collection; to be called once, when the gateway has started.

    Modules and settings live as long as the process. Under load CPython looks through all of them twice a second,
    which stopped everything for 35 to 45 ms each time.
    """
    gc.collect()
    gc.freeze()
