"""The program ``hilum``, also as ``python -m gateway``."""

import sys
from importlib.util import find_spec

# pydicom imports them where it finds them, and without the extra `ocr` no part of Hilum looks at a pixel: 19 MiB for
# nothing. To be said before the first import of pydicom, also in a worker, which runs this file again.
if find_spec("rapidocr_onnxruntime") is None:
    for _name in ("numpy", "PIL"):
        sys.modules.setdefault(_name, None)  # type: ignore[arg-type]  # an import of it fails as if it were not there

from gateway.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
