"""Accounts elsewhere that are connected with one's own."""
