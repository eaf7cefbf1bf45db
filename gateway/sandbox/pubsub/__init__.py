"""Pub/Sub over REST: topics and subscriptions in memory, and the notifications that the stores publish to them."""
