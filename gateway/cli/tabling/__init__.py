"""``hilum tables`` and ``hilum query``."""
