"""The crosswalk: which pseudonym stands for which identifier, sealed in a file."""
