"""Search: the index of a resource, the parameters of a query, and the SQL that joins them."""
