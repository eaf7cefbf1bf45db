"""``hilum import``: objects of a bucket or files of a folder into a store."""
