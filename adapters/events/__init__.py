"""Messages that Hilum fetches: from a store that tells of them by Pub/Sub."""
