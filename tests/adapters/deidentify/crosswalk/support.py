"""A process that asks a crosswalk for the pseudonyms of the same patients as others."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from adapters.deidentify.crosswalk.store import Crosswalk
from adapters.deidentify.pseudonyms.domains import Patient
from adapters.deidentify.pseudonyms.random import RandomPseudonyms

KEY = bytes(range(32))


@contextmanager
def pseudonyms(path: Path) -> Iterator[RandomPseudonyms]:
    """Open random pseudonyms with a crosswalk at *path*."""
    with closing(Crosswalk(path, KEY)) as crosswalk:
        yield RandomPseudonyms(crosswalk, "00000000")


def main() -> None:
    """Print the pseudonym and the shift of each patient, as soon as a line comes in."""
    with pseudonyms(Path(sys.argv[1])) as found:
        print("ready", flush=True)  # noqa: T201  what another process reads
        sys.stdin.readline()
        for number in range(int(sys.argv[2])):
            patient = Patient("hospital", str(number))
            print(found.patient(patient), found.shift(patient), found.uid(f"1.2.{number}"), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
