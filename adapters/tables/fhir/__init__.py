"""FHIR resources as rows of tables, one table for each type."""
