"""The instances of a DICOM store, fetched one by one."""
