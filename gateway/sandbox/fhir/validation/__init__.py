"""Is a resource FHIR R4: elements, cardinality, datatypes, required codes, absolute systems, some invariants."""
