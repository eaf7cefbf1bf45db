"""De-identification of DICOM, HL7v2 and FHIR: removes or replaces what names a patient, or holds the message back."""
