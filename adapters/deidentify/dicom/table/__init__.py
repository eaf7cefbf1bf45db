"""The table of PS3.15 Annex E and the types of attributes; ``write_ps315.py`` of the tests makes the files."""
