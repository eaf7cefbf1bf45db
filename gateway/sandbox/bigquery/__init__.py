"""BigQuery over folders of Parquet: its REST API, and its SQL as far as it is known to mean the same."""
