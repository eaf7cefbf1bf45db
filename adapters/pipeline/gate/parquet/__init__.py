"""Looks into finished Parquet files, octet by octet, without the library that has written them."""
