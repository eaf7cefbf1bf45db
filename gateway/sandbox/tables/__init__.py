"""What the rows of all stores have in common on their way into tables of BigQuery."""
