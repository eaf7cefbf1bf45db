"""The gate: what may go from the identified side to the public one, and a report of what may not, and why."""
