"""What peers send over HTTP: the listener, and FHIR as the format that it takes."""
