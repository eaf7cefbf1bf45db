"""Frames, rendered images and bulk data of an instance."""
