"""The resources of a FHIR store, each in its current version."""
