"""The pages of what is observed: peers, destinations, certificates."""
