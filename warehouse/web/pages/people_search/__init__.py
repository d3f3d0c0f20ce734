"""Usernames that begin as somebody has typed."""
