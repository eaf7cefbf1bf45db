"""The operations ``deidentify`` of datasets, DICOM stores and FHIR stores."""
