"""BigQuery's SQL becomes SQL of DuckDB. What is not known to mean the same is refused by name, and never guessed."""
