"""``hilum export``: what a store holds into a bucket or folder."""
