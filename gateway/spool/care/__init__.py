"""What looks after the files of a spool: verify, repair, salvage, backup."""
