"""The pages of the spool: what waits and what is parked, single messages, and what operators decide about them."""
