"""Anonymises the files of one folder into another with dicom-anonymizer, whose actions are compared with Hilum's."""

import sys
import warnings
from pathlib import Path

from dicomanonymizer import anonymize_dataset
from pydicom import dcmread

source, target = Path(sys.argv[1]), Path(sys.argv[2])
warnings.simplefilter("ignore")
for path in sorted(source.iterdir()):
    try:
        data_set = dcmread(path, force=True)
        anonymize_dataset(data_set)
        data_set.save_as(target / path.name)
    except Exception as error:  # noqa: BLE001  a file that it cannot do is one less to compare
        print(path.name, type(error).__name__)
