"""Transactions and batches."""
