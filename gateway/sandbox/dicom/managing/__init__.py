"""What is done with a whole DICOM store: import, export, metrics, storage classes."""
