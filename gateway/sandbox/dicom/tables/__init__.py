"""The metadata of instances as rows of BigQuery, by the rules of Google's export."""
