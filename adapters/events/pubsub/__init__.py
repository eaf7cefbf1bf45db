"""A subscription of Pub/Sub over REST: pull, leases, acknowledgements."""
