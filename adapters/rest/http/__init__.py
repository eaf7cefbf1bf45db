"""HTTP/1.1 towards a store: requests, replies, uploads."""
