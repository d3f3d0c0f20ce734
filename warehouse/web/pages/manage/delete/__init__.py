"""Leaving: taking along what is kept of one, and deleting the account."""
