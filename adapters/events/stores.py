"""The addresses of stores of the Cloud Healthcare API: each pattern has the name of the store as its group."""

import re

_DATASET = r".*/(projects/[^/]+/locations/[^/]+/datasets/[^/]+"
HL7V2_STORE = re.compile(rf"{_DATASET}/hl7V2Stores/[^/]+)\Z")
DICOM_STORE = re.compile(rf"{_DATASET}/dicomStores/[^/]+)\Z")
FHIR_STORE = re.compile(rf"{_DATASET}/fhirStores/[^/]+)\Z")
