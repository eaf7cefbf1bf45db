"""Thumbnails: a small WebP picture of a de-identified DICOM instance, with nothing in it but pixels."""
