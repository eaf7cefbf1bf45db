"""What a gateway observes of its destinations and peers, in memory."""
