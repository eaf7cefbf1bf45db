"""The research pipeline: from hospitals' buckets to a searchable dataset that names nobody."""
