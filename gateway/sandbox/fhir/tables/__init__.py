"""FHIR resources as rows of BigQuery, a table for each type: streams of changes, and exports of stores."""
