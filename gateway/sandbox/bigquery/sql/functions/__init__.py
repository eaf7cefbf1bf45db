"""The functions of BigQuery that are known here, by their names and the types of their arguments."""
