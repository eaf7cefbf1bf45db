"""DICOM headers as rows of tables."""
