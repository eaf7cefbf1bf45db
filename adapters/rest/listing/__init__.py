"""What a store holds: all instances of a DICOMweb store, all resources of a FHIR store."""
