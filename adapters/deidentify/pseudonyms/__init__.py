"""Pseudonyms of identifiers, UIDs and patients, and the shift of a patient's dates; the same for all formats."""
