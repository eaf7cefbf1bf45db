"""Searches what is kept of an object for the identifiers that the object itself names: names, numbers, dates."""
