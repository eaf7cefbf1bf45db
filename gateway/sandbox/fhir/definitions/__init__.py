"""Tables that are generated from the definitions of FHIR R4."""
