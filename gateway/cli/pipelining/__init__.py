"""``hilum pipeline``: the research pipeline on the command line."""
