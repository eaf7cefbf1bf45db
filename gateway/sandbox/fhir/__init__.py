"""The FHIR store: R4 resources in SQLite, strict and atomic, with the paths and limits of the Cloud Healthcare API."""
