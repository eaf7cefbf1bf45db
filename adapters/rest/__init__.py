"""HTTP stores as destinations: HL7v2 stores, plain HL7-over-HTTP endpoints and DICOMweb."""
