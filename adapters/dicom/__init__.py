"""DICOM data sets, without a network: streaming reader and writer, and the step that edits them (PS3.5, PS3.10 7.1)."""
