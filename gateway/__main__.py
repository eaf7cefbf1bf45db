"""The program ``hilum``, also as ``python -m gateway``."""

import sys

# pydicom imports them where it finds them, and no part of Hilum looks at a pixel: 19 MiB for nothing. To be said before
# the first import of pydicom, also in a worker, which runs this file again.
for _name in ("numpy", "PIL"):
    sys.modules.setdefault(_name, None)  # type: ignore[arg-type]  # an import of it fails as if it were not there

from gateway.cli.main import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
