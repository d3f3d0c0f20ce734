"""Accounts elsewhere that are linked with one's own."""
