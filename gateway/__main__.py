"""The program ``hilum``, also as ``python -m gateway``."""

import sys

# pydicom imports them where it finds them, and no part of Hilum looks at a pixel: 19 MiB for nothing. To be said before
# the first import of pydicom, also in a worker, which runs this file again.
for _name in ("numpy", "PIL"):
    sys.modules.setdefault(_name, None)  # type: ignore[arg-type]  # an import of it fails as if it were not there

from gateway.contract.errors import ConfigError  # noqa: E402


def main() -> int:
    """Run one command and return its exit status; a package whose kinds cannot be had is told before any."""
    try:
        from gateway.cli.main import main as run  # noqa: PLC0415  it imports the kinds that other packages bring
    except ConfigError as error:
        for problem in error.problems:
            print(f"hilum: {problem}", file=sys.stderr)  # noqa: T201  the command line speaks to a person
        return 2
    return run()


if __name__ == "__main__":
    sys.exit(main())
