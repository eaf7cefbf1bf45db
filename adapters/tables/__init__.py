"""Tables: folders of Parquet segments that DuckDB answers questions about."""
