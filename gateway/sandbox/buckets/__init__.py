"""Cloud Storage as the stores see it: buckets are folders."""
