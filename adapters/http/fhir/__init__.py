"""FHIR over HTTP: what a peer asks for, whether its body is JSON, and how it is answered."""
