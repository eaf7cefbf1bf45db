"""Compressed frames without what is no image: comments, application data, thumbnails, octets after the end."""
