"""FHIR R4: what stays is decided by the datatype; what stays is then searched for the resource's own identifiers."""
