"""Objects in buckets: S3, GCS and folders behind one small interface, and what is written there or read from there."""
