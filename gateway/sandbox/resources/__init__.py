"""Locations, datasets and stores as resources, and the methods that the sandbox does not have."""
