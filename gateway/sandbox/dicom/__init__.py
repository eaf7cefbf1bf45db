"""The embedded DICOMweb store."""
