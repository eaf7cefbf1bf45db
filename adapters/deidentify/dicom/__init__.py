"""DICOM: PS3.15 Annex E on the octets, then the search for the object's own identifiers."""
