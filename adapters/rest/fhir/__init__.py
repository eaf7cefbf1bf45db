"""FHIR stores: the destination ``fhir_store``."""
