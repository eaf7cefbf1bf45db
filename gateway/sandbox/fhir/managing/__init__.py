"""What is done with a whole FHIR store: its settings, import and export, rollback, bulk delete, metrics."""
