"""The configuration in force, as operators may see it: each key with its value and its origin, without secrets."""
