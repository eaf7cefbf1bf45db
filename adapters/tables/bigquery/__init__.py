"""BigQuery as a destination of rows."""
