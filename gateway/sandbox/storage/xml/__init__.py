"""The XML API of Cloud Storage, whose shapes are those of S3."""
