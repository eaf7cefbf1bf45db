"""What is done with a whole HL7v2 store: import, export, metrics, rollback."""
